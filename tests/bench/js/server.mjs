// What mvpdash serve is measured against: Node's own HTTP server on the AWS SDK for JavaScript, with the
// two routes that the bench asks: GET /status/{jobId} and POST /deploy. Prints its address.
import { createServer } from "node:http";
import { BatchClient, DescribeJobsCommand } from "@aws-sdk/client-batch";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { check, deploy } from "./deploys.mjs";

const table = process.env.DYNAMODB_TABLE_NAME ?? "mvp-development-jobs";
const dynamodb = new DynamoDBClient({});
const batch = new BatchClient({});

function plain(av) {
  const [type, value] = Object.entries(av)[0];
  if (type === "M") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
  if (type === "L") return value.map(plain);
  return type === "NULL" ? null : type === "N" ? Number(value) : value;
}

async function status(jobId) {
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName: table, Key: { jobId: { S: jobId } } }));
  if (Item === undefined) return [404, { error: { code: "NotFound", message: jobId } }];
  const record = plain({ M: Item });
  if (record.batchJobId) {
    const { jobs } = await batch.send(new DescribeJobsCommand({ jobs: [record.batchJobId] }));
    record.batchStatus = jobs[0]?.status ?? null;
  }
  return [200, record];
}

async function answer(request) {
  if (request.method === "GET" && request.url.startsWith("/status/")) return status(decodeURIComponent(request.url.slice(8)));
  if (request.method === "POST" && request.url === "/deploy") {
    const parts = [];
    for await (const part of request) parts.push(part);
    const d = JSON.parse(Buffer.concat(parts));
    const bad = check(d);
    if (bad.length > 0) return [400, { error: { code: "BadRequest", message: bad.join() } }];
    return [202, { ...(await deploy(d)), status: "queued" }];
  }
  return [404, { error: { code: "NotFound", message: request.url } }];
}

const server = createServer(async (request, response) => {
  let reply;
  try {
    reply = await answer(request);
  } catch (e) {
    reply = [502, { error: { code: e.name, message: e.message } }];
  }
  response.writeHead(reply[0], { "Content-Type": "application/json" });
  response.end(JSON.stringify(reply[1]));
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
