/** Files that are put into a form. */

import { useState } from "react";
import type { SlackFile } from "../protocol";
import { useSay } from "../words";
import { type ControlProps, useControl } from "./act";
import { Chips } from "./combo";
import { useBlocks } from "./context";
import type { FileElement } from "./shapes";

const MOST_FILES = 10;

export function FileInput(props: ControlProps) {
  const { filetypes, max_files: most = MOST_FILES } = props.element as FileElement;
  const control = useControl(props, most > 1 ? "chooseFiles" : "chooseFile");
  const { upload } = useBlocks();
  const say = useSay();
  const [note, setNote] = useState("");
  const held = control.value as SlackFile[];
  const add = async (chosen: File[]) => {
    const uploaded: SlackFile[] = [];
    for (const file of chosen) {
      setNote(say("uploading", { name: file.name }));
      try {
        uploaded.push(await upload(file));
      } catch (error) {
        setNote(say("uploadFailed", { name: file.name, reason: error instanceof Error ? error.message : String(error) }));
        break;
      }
    }
    if (uploaded.length === chosen.length) {
      setNote("");
    }
    if (uploaded.length > 0) {
      // With room for one, a new file takes the place of the old one.
      const before = most === 1 ? [] : (control.latest() as SlackFile[]);
      control.choose([...before, ...uploaded]);
    }
  };
  return (
    <span className="b-control b-wide">
      <input
        {...control.field}
        className="b-field b-file"
        type="file"
        multiple={most > 1}
        accept={filetypes?.map((type) => `.${type}`).join(",")}
        onChange={(event) => {
          const chosen = Array.from(event.target.files ?? []);
          // The same file can be chosen again after it was removed.
          event.target.value = "";
          void add(chosen);
        }}
      />
      {held.length > 0 && (
        <Chips
          chosen={held.map((file) => ({ key: file.id, label: file.name }))}
          remove={({ key }) => control.choose(held.filter((one) => one.id !== key))}
        />
      )}
      <span className="b-note" role="status">
        {note}
      </span>
      {control.aside}
    </span>
  );
}
