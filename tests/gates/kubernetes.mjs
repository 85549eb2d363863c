// Manifests against the schema of their kind:  node kubernetes.mjs FOLDER_WITH_NODE_MODULES FILE..      exit code 1: one is wrong
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";

const [folder, ...files] = process.argv.slice(2);
const require = createRequire(join(folder, "here.js"));
const { parse } = require("yaml");

const models = {
  "batch/v1 Job": require("kubernetes-models/batch/v1").Job,
  "apps/v1 Deployment": require("kubernetes-models/apps/v1").Deployment,
};

const trouble = (manifest) => {
  try {
    new models[`${manifest.apiVersion} ${manifest.kind}`](manifest).validate();
    return "";
  } catch (error) {
    return error.message;
  }
};

let wrong = 0;

for (const file of files) {
  const manifest = parse(readFileSync(file, "utf8"));
  const found = trouble(manifest);
  // A validator that lets this pass says nothing.
  manifest.spec.template.spec.containers[0].image = 7;
  const blind = trouble(manifest) === "";
  if (found !== "" || blind) wrong++;
  console.log(`${basename(file)}: ${found || (blind ? "the validator sees nothing" : "valid")}`);
}

process.exit(wrong === 0 ? 0 : 1);
