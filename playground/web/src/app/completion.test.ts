import { describe, expect, it } from "vitest";
import type { Command, Person } from "../protocol";
import { complete, withMentions } from "./completion";

const LEAD: Command = {
  command: "/lead",
  description: "Leads",
  usage_hint: "add | log | help",
  verbs: {
    en: [
      { verb: "add", aliases: ["追加", "登録"], usage: "add NAME, COMPANY", summary: "add a lead" },
      { verb: "log", aliases: ["記録"], usage: "log LEAD KIND", summary: "log a contact" },
    ],
  },
};
const SATO = { id: "U0SATO", name: "sato", display_name: "Sato", real_name: "Ken Sato", deleted: false } as Person;

const lines = (typed: string) => complete(typed, [LEAD], [SATO], "en").offers.map((offer) => offer.line);

describe("complete", () => {
  it.each([
    ["/", ["/lead "]],
    ["/le", ["/lead "]],
    ["/lead ", ["/lead add ", "/lead log "]],
    ["/lead a", ["/lead add "]],
    ["/lead 登", ["/lead add "]],
    ["/lead add ", []],
    ["/other ", []],
    ["hello @sa", ["hello @Sato "]],
    ["a@sato", []],
    ["say /lead", []],
  ])("offers what can follow %j", (typed, offered) => {
    expect(lines(typed)).toEqual(offered);
  });

  it("hints at the rest of a verb that is typed, in either language", () => {
    expect(complete("/lead 登録 x", [LEAD], [], "en").hint).toContain("add NAME, COMPANY");
  });
});

describe("withMentions", () => {
  it.each([
    ["@Sato please", "<@U0SATO> please"],
    ["@Ken Sato: look", "<@U0SATO>: look"],
    ["a@example.com", "a@example.com"],
    ["@nobody", "@nobody"],
  ])("reads %j", (typed, sent) => {
    expect(withMentions(typed, [SATO])).toBe(sent);
  });
});
