// Bundles assets/ into salam/web/static/dist: one style sheet, its font. Names are hashed later by Django.
// esbuild is called by its API, since npm does not run install scripts.
import { rm } from "node:fs/promises";
import { build } from "esbuild";

const outdir = "salam/web/static/dist";

await rm(outdir, { recursive: true, force: true });
await build({
  entryPoints: { salam: "assets/salam.css", star: "assets/star.svg" },
  outdir,
  bundle: true,
  minify: true,
  target: ["chrome90", "firefox90", "safari14"],
  loader: { ".woff2": "copy", ".svg": "copy" },
  assetNames: "[name]",
  legalComments: "linked",
  logLevel: "warning",
});
