// Builds what the browser gets: static/build/tenure.css, tenure.js, theme.js and,
// for the one page that has the editor, policy.js.
//
// Styles are @tabler/core and our own, with every rule dropped that no template
// and no script of ours can use. Nothing here runs in production: the result is
// embedded into the binary.
import { createRequire } from "node:module";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PurgeCSS } from "purgecss";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "static", "build");
const target = ["chrome125", "firefox125", "safari17.5"]; // light-dark() and relative colours

/** read gives the content of a file of an npm package. */
async function read(name) {
  return readFile(createRequire(import.meta.url).resolve(name), "utf8");
}

/** ours lists our files of one ending in a folder, sorted, so that a build is repeatable. */
async function ours(folder, ending) {
  const names = await readdir(join(here, folder));
  return names.filter((name) => name.endsWith(ending)).sort().map((name) => join(here, folder, name));
}

async function styles() {
  const own = await Promise.all((await ours("styles", ".css")).map((path) => readFile(path, "utf8")));
  const templates = await ours(".", ".templ");
  const views = (await ours(".", ".go")).filter((path) => !path.endsWith("_templ.go") && !path.endsWith("_test.go"));
  const [purged] = await new PurgeCSS().purge({
    content: [...templates, ...views, ...(await ours("scripts", ".js"))],
    css: [{ raw: await read("@tabler/core/dist/css/tabler.css") }],
    // The development sign-in page is not one of our templates; it uses these.
    safelist: {
      standard: ["html", "body", "btn-link", "w-100"],
    },
    variables: true,
    keyframes: true,
    fontFace: true,
  });
  const { code } = await esbuild.transform(purged.css + "\n" + own.join("\n"), { loader: "css", minify: true, target, legalComments: "inline" });
  await writeFile(join(out, "tenure.css"), code);
  return code.length;
}

async function scripts() {
  const { metafile } = await esbuild.build({
    entryPoints: ["tenure.js", "theme.js", "policy.js"].map((name) => join(here, "scripts", name)),
    metafile: true,
    outdir: out,
    bundle: true,
    minify: true,
    format: "iife",
    target,
    legalComments: "inline",
  });
  return Object.entries(metafile.outputs).map(([path, { bytes }]) => `static/build/${basename(path)}: ${bytes} bytes`);
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const [bytes, built] = await Promise.all([styles(), scripts()]);
console.log([`static/build/tenure.css: ${bytes} bytes`, ...built].join("\n"));
