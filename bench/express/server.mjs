// Express with express-session in Redis and two rate limits, on two workers of node's cluster.

import cluster from "node:cluster";

import { RedisStore as SessionStore } from "connect-redis";
import express from "express";
import { rateLimit } from "express-rate-limit";
import session from "express-session";
import { RedisStore as LimitStore } from "rate-limit-redis";
import { createClient } from "redis";

const { BENCH_REDIS_URL, BENCH_KEY, BENCH_PORT, BENCH_WORKERS } = process.env;
const MINUTE = 60_000;
const MOST = 1_000_000_000;

if (cluster.isPrimary) {
  for (let n = 0; n < Number(BENCH_WORKERS); n += 1) cluster.fork();
  cluster.on("exit", () => process.exit(1));
} else {
  await serve();
}

async function serve() {
  const redis = createClient({ url: BENCH_REDIS_URL });
  await redis.connect();
  const limit = (prefix, keyGenerator) =>
    rateLimit({
      windowMs: MINUTE,
      limit: MOST,
      legacyHeaders: false,
      ...(keyGenerator && { keyGenerator }),
      store: new LimitStore({ prefix, sendCommand: (...args) => redis.sendCommand(args) }),
    });
  const app = express();
  app.use(
    session({
      store: new SessionStore({ client: redis }),
      secret: BENCH_KEY,
      resave: false,
      saveUninitialized: false,
    }),
  );
  app.post("/login/:user", (request, response) => {
    request.session.user = request.params.user;
    response.sendStatus(204);
  });
  const limits = [limit("ip:"), limit("user:", (request) => request.session.user ?? "")];
  app.get("/me", ...limits, (request, response) => {
    if (!request.session.user) return response.sendStatus(401);
    return response.json({ user: request.session.user });
  });
  app.listen(Number(BENCH_PORT), "127.0.0.1");
}
