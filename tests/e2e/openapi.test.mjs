// The API's description as people use it: it is OpenAPI 3.1, and each example of a body is of its schema and does, sent to
// a real drill, what it says that it does.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { api, mistakes } from "./described.mjs";
import { ROOT } from "./lib.mjs";
import { begin, openScene, scenesOf } from "./openapi_scenes.mjs";

const METHODS = ["get", "put", "post", "delete", "patch"];
const operations = Object.entries(api.paths).flatMap(([path, item]) => METHODS.filter((m) => item[m]).map((method) => ({ path, method, op: item[method], name: `${method.toUpperCase()} ${path}` })));
/** {name: value} of a media type's example or examples. */
const examplesOf = (media) => (media.example !== undefined ? { example: media.example } : Object.fromEntries(Object.entries(media.examples ?? {}).map(([name, e]) => [name, e.value])));
const success = (op) => Object.keys(op.responses).filter((status) => /^2/.test(status));

test("it is OpenAPI 3.1, as Redocly's linter reads that", async () => {
  const typescript = createRequire(createRequire(`${ROOT}scoreboard/package.json`).resolve("openapi-typescript"));
  const { createConfig, lintFromString } = typescript("@redocly/openapi-core");
  const rules = ["struct", "no-unresolved-refs", "no-invalid-media-type-examples", "no-invalid-schema-examples", "operation-operationId-unique", "path-parameters-defined", "path-declaration-must-exist", "no-identical-paths", "operation-parameters-unique", "security-defined", "no-enum-type-mismatch", "spec-components-invalid-map-name"];
  const config = await createConfig({ rules: Object.fromEntries(rules.map((rule) => [rule, "error"])) });
  const lint = async (document) => (await lintFromString({ source: JSON.stringify(document), config })).map((p) => `${p.ruleId}: ${p.message} ${p.location?.[0]?.pointer}`);
  assert.match(api.openapi, /^3\.1\./);
  assert.deepEqual(await lint(api), []);
  assert.notDeepEqual(await lint({ ...api, info: {} }), [], "the linter sees mistakes");
});

test("every example of a body or an answer is of its schema", () => {
  const wrong = [];
  for (const { path, method, op, name } of operations) {
    const places = [["requestBody", op.requestBody?.content], ...Object.entries(op.responses).map(([status, r]) => [`responses/${status}`, r.content])];
    for (const [place, content = {}] of places)
      for (const [type, media] of Object.entries(content))
        for (const [which, value] of Object.entries(examplesOf(media))) {
          const mistake = type === "application/json" && mistakes(value, "paths", path, method, ...place.split("/"), "content", type, "schema");
          if (mistake) wrong.push(`${name} ${place} ${which}: ${mistake}`);
        }
  }
  assert.deepEqual(wrong, []);
});

test("the clock's examples move a drill from its start to its end", async () => {
  const { drill, close } = await openScene();
  try {
    const examples = examplesOf(api.paths["/api/v1/clock"].post.requestBody.content["application/json"]);
    assert.deepEqual(Object.keys(examples).sort(), [...api.components.schemas.ClockAction.properties.action.enum].sort());
    for (const body of Object.values(examples)) {
      const answer = await drill.as("director", "POST", "/api/v1/clock", { body });
      assert.equal(answer.status, 200, `${JSON.stringify(body)}: ${answer.text}`);
    }
    assert.equal((await drill.board()).drill.state, "ended");
  } finally {
    await close();
  }
});

describe("each example does what it is an example of", () => {
  const withBody = operations.filter(({ op, name }) => op.requestBody && name !== "POST /api/v1/clock");
  let scene, scenes;
  before(async () => {
    scene = await openScene();
    await begin(scene);
    scenes = scenesOf(scene.drill, api);
  });
  after(() => scene?.close());

  /** Sends it as the scene says: what was answered. */
  async function send({ path, method }, { as, id, fill, query = "", headers }, type, which, value) {
    const made = await id?.(which), more = await fill?.(which);
    const body = more && Object.keys(more).length > 0 ? { ...value, ...more } : value;
    return scene.drill.as(typeof as === "function" ? as() : as, method.toUpperCase(), path.replace("{id}", made).replace("{threat}", "ransomware") + query, { body, headers: { "content-type": type, ...headers } });
  }

  for (const operation of withBody)
    test(operation.name, async () => {
      const { op, name } = operation;
      assert.ok(scenes[name], "openapi_scenes.mjs has no scene for it");
      for (const [type, media] of Object.entries(op.requestBody.content)) {
        const examples = examplesOf(media);
        assert.ok(Object.keys(examples).length > 0, `${type} has no example`);
        for (const [which, value] of Object.entries(examples)) {
          const answer = await send(operation, scenes[name], type, which, value);
          assert.ok(success(op).includes(String(answer.status)), `${which}: ${answer.status} ${answer.text}`);
          const described = op.responses[answer.status].content;
          await scenes[name].then?.(answer.json);
          assert.deepEqual(answer.text === "" ? [] : [answer.headers["content-type"].split(";")[0]], Object.keys(described ?? {}), `${which}: what is answered`);
        }
      }
    });

  test("no scene is of an operation that is not there", () => {
    assert.deepEqual(Object.keys(scenes).filter((name) => !withBody.some((o) => o.name === name)), []);
  });
});
