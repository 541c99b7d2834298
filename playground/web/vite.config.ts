import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Fixed names: the built files are kept in the repository, and CI compares them with a build of its own.
export default defineConfig({
  base: "/page/",
  plugins: [react()],
  build: {
    target: "es2022",
    license: { fileName: "licenses.md" },
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "[name].js",
        assetFileNames: "[name][extname]",
      },
    },
  },
  test: { environment: "node" },
});
