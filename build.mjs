// Bundles assets/ into salam/web/static/dist: one style sheet, one script, the font, the icons in use.
// Names are hashed later by Django. esbuild is called by its API, since npm does not run install scripts.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const outdir = "salam/web/static/dist";

async function iconSprite(names) {
  const symbols = await Promise.all(
    names.map(async (name) => {
      const svg = await readFile(`node_modules/bootstrap-icons/icons/${name}.svg`, "utf8");
      const drawing = svg.replace(/^[^]*?<svg[^>]*>|<\/svg>\s*$/g, "").replace(/\s*\n\s*/g, "");
      return `<symbol id="${name}" viewBox="0 0 16 16">${drawing}</symbol>`;
    }),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
}

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
await build({
  entryPoints: { salam: "assets/salam.js" },
  outdir,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome90", "firefox90", "safari14"],
  logLevel: "warning",
});
await mkdir(outdir, { recursive: true });
await writeFile(`${outdir}/icons.svg`, await iconSprite(JSON.parse(await readFile("assets/icons.json", "utf8"))));
