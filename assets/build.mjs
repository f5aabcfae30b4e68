// node assets/build.mjs OUTDIR
// Makes everything the browser loads, in one flat folder: bereg.css, *.mjs, golos-*.woff2, *.svg.

import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2];
if (!out) {
  console.error("usage: node assets/build.mjs OUTDIR");
  process.exit(2);
}

// MOJ Frontend asks for "node_modules/govuk-frontend/...", so the folder that holds node_modules is a load path too.
const modules = resolve(dirname(createRequire(import.meta.url).resolve("govuk-frontend/package.json")), "..");
const fonts = join(modules, "@fontsource/golos-text/files");
const mojImages = join(modules, "@ministryofjustice/frontend/moj/assets/images");

async function exists(path) {
  return readFile(path).then(() => true, () => false);
}

// What the style sheet points at by a bare name: our fonts, or an image of MOJ Frontend.
async function copyReferenced(css) {
  const names = new Set([...css.matchAll(/url\(["']?(?!data:)([^"')]+)["']?\)/g)].map((m) => m[1]));
  for (const name of names) {
    const font = /^golos-(.+)-(\d+)\.woff2$/.exec(name);
    const from = font ? join(fonts, `golos-text-${font[1]}-${font[2]}-normal.woff2`) : join(mojImages, name);
    if (!(await exists(from))) {
      throw new Error(`bereg.css refers to ${name}, which is nowhere`);
    }
    await copyFile(from, join(out, name));
  }
}

async function copyAll(folder, suffix) {
  for (const name of await readdir(join(here, folder))) {
    if (name.endsWith(suffix)) {
      await copyFile(join(here, folder, name), join(out, name));
    }
  }
}

await mkdir(out, { recursive: true });
const { css } = compile(join(here, "scss/bereg.scss"), {
  style: "compressed",
  loadPaths: [dirname(modules), modules],
  quietDeps: true,
  // MOJ Frontend's alert still uses a mixin that GOV.UK Frontend has deprecated; that is theirs to mend.
  logger: { warn: (message) => message.includes("govuk-text-colour") || console.warn(message) },
});
await writeFile(join(out, "bereg.css"), css);
await copyReferenced(css);
await copyAll("js", ".mjs");
await copyAll("img", ".svg");
