/** Every sentence of the page, in both languages. */

import { createContext, useContext } from "react";
import * as blocks from "./blocks";
import * as page from "./page";

const EN = { ...page.en, ...blocks.en };
const WORDS: Record<Language, Record<Key, string>> = { en: EN, ja: { ...page.ja, ...blocks.ja } };

export type Language = "ja" | "en";
export type Key = keyof typeof EN;
export type Say = (key: Key, values?: Record<string, string | number>) => string;

export function languageOf(locale: string): Language {
  return locale.startsWith("ja") ? "ja" : "en";
}

export function sayIn(language: Language): Say {
  return (key, values = {}) =>
    WORDS[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export const LanguageContext = createContext<Language>("ja");

export function useLanguage(): Language {
  return useContext(LanguageContext);
}

export function useSay(): Say {
  return sayIn(useLanguage());
}
