import { useEffect, useState } from "react";

const DARK = "(prefers-color-scheme: dark)";

/** The theme that the reader's system asks for. */
export function useTheme(): "light" | "dark" {
  const [isDark, setDark] = useState(() => matchMedia(DARK).matches);
  useEffect(() => {
    const asked = matchMedia(DARK);
    const follow = () => setDark(asked.matches);
    asked.addEventListener("change", follow);
    return () => asked.removeEventListener("change", follow);
  }, []);
  return isDark ? "dark" : "light";
}
