// replica-set.cjs PORT: configures the MongoDB on that port as a replica set of one, since sessions and majority writes
// need a set, and returns once it accepts writes.
const { setTimeout: sleep } = require("node:timers/promises");
const { MongoClient } = require(`${process.env.MONGODB_DRIVER}/node_modules/mongodb`);

const NOT_YET_INITIALIZED = 94;

const host = `127.0.0.1:${process.argv[2]}`;
const wanted = { _id: "rs0", version: 1, members: [{ _id: 0, host }] };

async function currentConfig(admin) {
  try {
    return (await admin.command({ replSetGetConfig: 1 })).config;
  } catch (error) {
    if (error.code === NOT_YET_INITIALIZED) return null;
    throw error;
  }
}

async function configure(admin) {
  const current = await currentConfig(admin);
  if (!current) {
    await admin.command({ replSetInitiate: wanted });
  } else if (current.members[0].host !== host) {
    // Its port has changed since last time. Forced, since it no longer finds itself in its own set.
    await admin.command({ replSetReconfig: { ...wanted, version: current.version + 1 }, force: true });
  }
}

async function acceptsWrites(admin) {
  const hello = await admin.command({ hello: 1 });
  return hello.isWritablePrimary && hello.me === host;
}

async function main() {
  const client = new MongoClient(`mongodb://${host}/?directConnection=true`);
  const admin = client.db("admin");
  await configure(admin);
  while (!(await acceptsWrites(admin))) await sleep(50);
  await client.close();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
