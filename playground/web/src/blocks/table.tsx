/** The table block. */

import { useLanguage, useSay } from "../words";
import { PlainText, RichText } from "./richtext";
import type { TableBlock, TableCell } from "./shapes";

export function Table({ block }: { block: TableBlock }) {
  const say = useSay();
  const [head = [], ...rows] = block.rows;
  const classOf = (column: number, cell: TableCell) => {
    const settings = block.column_settings?.[column];
    const align = settings?.align ?? (cell.type === "raw_number" ? "right" : "left");
    return `b-${align}${settings?.is_wrapped ? " b-wrapped" : ""}`;
  };
  return (
    // Narrow screens scroll it sideways, with the keyboard too.
    <div className="b-table" role="region" aria-label={say("tableLabel")} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head.map((cell, column) => (
              <th key={column} scope="col" className={classOf(column, cell)}>
                <Cell cell={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column} className={classOf(column, cell)}>
                  <Cell cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ cell }: { cell: TableCell }) {
  const language = useLanguage();
  switch (cell.type) {
    case "raw_text":
      return <PlainText text={cell.text} emoji={false} />;
    case "raw_number":
      if (typeof cell.value !== "number" && cell.text === undefined) {
        throw new TypeError("number that is none");
      }
      return cell.text ?? new Intl.NumberFormat(language).format(cell.value);
    case "rich_text":
      return <RichText elements={cell.elements} />;
    default:
      throw new Error("unknown cell");
  }
}
