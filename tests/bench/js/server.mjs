// What mvpdash serve is measured against: Fastify on the AWS SDK for JavaScript, with the two routes that
// the bench asks: GET /status/{jobId} and POST /deploy. Prints its address.
import { BatchClient, DescribeJobsCommand } from "@aws-sdk/client-batch";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import Fastify from "fastify";
import { check, deploy } from "./deploys.mjs";

const table = process.env.DYNAMODB_TABLE_NAME ?? "mvp-development-jobs";
const dynamodb = new DynamoDBClient({});
const batch = new BatchClient({});
const app = Fastify();

function plain(av) {
  const [type, value] = Object.entries(av)[0];
  if (type === "M") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
  if (type === "L") return value.map(plain);
  return type === "NULL" ? null : type === "N" ? Number(value) : value;
}

app.get("/status/:jobId", async (request, reply) => {
  const { jobId } = request.params;
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName: table, Key: { jobId: { S: jobId } } }));
  if (Item === undefined) return reply.code(404).send({ error: { code: "NotFound", message: jobId } });
  const record = plain({ M: Item });
  if (record.batchJobId) {
    const { jobs } = await batch.send(new DescribeJobsCommand({ jobs: [record.batchJobId] }));
    record.batchStatus = jobs[0]?.status ?? null;
  }
  return record;
});

app.post("/deploy", async (request, reply) => {
  const bad = check(request.body);
  if (bad.length > 0) return reply.code(400).send({ error: { code: "BadRequest", message: bad.join() } });
  return reply.code(202).send({ ...(await deploy(request.body)), status: "queued" });
});

app.setErrorHandler((e, request, reply) => reply.code(e.statusCode ?? 502).send({ error: { code: e.name, message: e.message } }));

console.log(await app.listen({ host: "127.0.0.1", port: 0 }));
process.on("SIGTERM", () => process.exit(0));
