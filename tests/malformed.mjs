// Starts a server with short deadlines and runs http_malformed.mjs against it.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { Register, TREE } from './lib/server.mjs';

const register = Register.demo({ persons: 30, name: 'malformed' });
const server = await register.serve({ env: { BEREG_DEADLINE_MS: '2000' } });
const r = spawnSync('node', [path.join(TREE, 'tests/http_malformed.mjs')], {
  stdio: 'inherit', env: { ...process.env, BEREG_URL: server.base, BEREG_DEADLINE_MS: '2000' },
});
await server.stop();
process.exit(r.status ?? 1);
