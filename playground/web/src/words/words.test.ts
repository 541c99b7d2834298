import { expect, it } from "vitest";
import * as blocks from "./blocks";
import * as page from "./page";

it("no sentence stands in both lists, where one would hide the other", () => {
  expect(Object.keys(page.en).filter((key) => key in blocks.en)).toEqual([]);
});
