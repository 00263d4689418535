import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import pg from "pg";

/** `GET /<operation>/<parameters as JSON>` is answered with the text that the operation's one statement gives, untouched. */

const statements = new Map(Object.entries(JSON.parse(readFileSync(process.env.STATEMENTS, "utf8"))));
const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: Number(process.env.POOL_SIZE),
  options: "-c jit=off",
});

const server = createServer(async (request, response) => {
  try {
    const [, name, values] = request.url.split("/");
    const statement = {
      name,
      text: statements.get(name),
      values: JSON.parse(decodeURIComponent(values)),
      rowMode: "array",
    };
    const { rows } = await pool.query(statement);
    const body = rows[0][0];
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
    response.end(body);
  } catch (error) {
    response.writeHead(500);
    response.end(String(error));
  }
});
server.listen(0, "127.0.0.1", () =>
  console.log(`The bare server listens on http://127.0.0.1:${server.address().port}`),
);
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(0));
