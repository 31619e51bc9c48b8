// Builds plot.bundle.js, its licences on top: `npm ci && npm run build`, after a change of plot.entry.js or of a version.
import {createHash} from "node:crypto";
import {readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {build} from "esbuild";

const TARGET = "../../flashcards/ui/report/plot.bundle.js";
const made = await build({
  entryPoints: ["plot.entry.js"],
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "Plot",
  target: "es2020",
  charset: "ascii",
  legalComments: "none", // the licences stand whole at the top
  metafile: true,
  write: false,
});
const code = made.outputFiles[0].text.trim();

const used = Object.values(made.metafile.outputs)[0].inputs;
const packages = new Set();
for (const [file, {bytesInOutput}] of Object.entries(used)) {
  const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
  if (name && bytesInOutput) packages.add(name);
}
if (packages.has("d3-array")) packages.add("internmap"); // it is inside d3-array's own file
const byText = new Map(); // many share one text
for (const name of [...packages].sort()) {
  const folder = join("node_modules", name);
  const {version, license} = JSON.parse(readFileSync(join(folder, "package.json"), "utf-8"));
  const text = readFileSync(join(folder, "LICENSE"), "utf-8").trim().replaceAll("*/", "* /");
  byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${license})`]);
}
const licences = [...byText].map(([text, names]) => `${names.join(", ")}\n\n${text}\n`);
const head = "Made of these packages by tools/report/build.mjs; each report carries their licences.\n";
const whole = `/*!\n${[head, ...licences].join("\n----\n\n")}*/\n${code}\n`;
if (/<\/script|<!--/i.test(whole)) throw new Error("the bundle would end its own element");
writeFileSync(TARGET, whole);
console.log(`${whole.length} bytes, sha256 ${createHash("sha256").update(whole).digest("hex")}`);
console.log([...packages].sort().join(" "));
