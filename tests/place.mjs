// A PostgreSQL on another machine: only by TLS with a checked certificate, unless the operator says otherwise. "Another machine" is this one by an
// address that is not its loopback: for the program, libpq and the certificate there is no difference.
//   BEREG=… node tests/place.mjs
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { BEREG, NOW, PACKS, TREE, bereg, tmpDir } from './lib/server.mjs';
import { finish, is, like, ok, part, skip, unlike } from './lib/tap.mjs';

const address = Object.values(os.networkInterfaces()).flat().find((i) => i.family === 'IPv4' && !i.internal)?.address;
if (!address) {
  skip('a database on another machine', 'this machine has no address but its loopback');
  finish();
  process.exit();
}
const dir = fs.mkdtempSync(path.join(tmpDir(), 'place-'));
fs.chmodSync(dir, 0o755);
const at = (name) => path.join(dir, name);
const run = (name, args, env = {}) => {
  const r = spawnSync(name, args, { encoding: 'utf8', env: { ...process.env, ...env } });
  if (r.error || r.status !== 0) throw new Error(`${name} ${args[0]}: ${r.error?.message ?? r.stderr}`);
  return r.stdout.trim();
};
// An authority of the operator, a certificate of it for a name, and an authority that is none of ours.
const NAME = 'db.bereg.example';
for (const ca of ['ca', 'other']) run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${ca}`, '-keyout', at(`${ca}.key`), '-out', at(`${ca}.pem`)]);
run('openssl', ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', `/CN=${NAME}`, '-keyout', at('server.key'), '-out', at('server.csr')]);
fs.writeFileSync(at('names'), `subjectAltName=DNS:${NAME}\n`);
run('openssl', ['x509', '-req', '-in', at('server.csr'), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2', '-extfile', at('names'), '-out', at('server.pem')]);
fs.writeFileSync(at('hba.conf'), `local all all trust\nhost all all 127.0.0.1/32 trust\nhost all all ${address}/32 trust\n`);
fs.chmodSync(at('server.key'), 0o600);
if (process.getuid() === 0) for (const f of ['server.key', 'hba.conf']) fs.chownSync(at(f), Number(run('id', ['-u', 'postgres'])), Number(run('id', ['-g', 'postgres'])));

const pg = (verb) => run(path.join(TREE, 'tests/pg.sh'), [verb, at('pg')], { BEREG_PG_OPTIONS:
  `-c listen_addresses=127.0.0.1,${address} -c ssl=on -c ssl_cert_file=${at('server.pem')} -c ssl_key_file=${at('server.key')} -c hba_file=${at('hba.conf')} -c log_connections=on -c log_min_messages=warning` });
const local = pg('start');
process.on('exit', () => pg('stop'));
const port = new URL(local).port;
const connections = () => (fs.readFileSync(at('pg/log'), 'utf8').match(/connection received/g) ?? []).length;
const far = (options = '', host = address) => `postgresql://bereg@${host}:${port}/bereg${options}`;
const named = (options) => far(`?hostaddr=${address}&${options}`, NAME);
const users = (db, { env = {}, args = [] } = {}) => bereg(['users', '--db', db, ...args], { env, timeout: 30000 });
const good = `sslmode=verify-full&sslrootcert=${encodeURIComponent(at('ca.pem'))}`;

is(bereg(['init', '--db', local]).status, 0, 'a register is made over the loopback, which is this machine');

await part('what is not sure is refused', async () => {
  const before = connections();
  const ways = [['an address', far()], ['sslmode=require', far('?sslmode=require')], ['sslmode=verify-ca', named(`sslmode=verify-ca&sslrootcert=${encodeURIComponent(at('ca.pem'))}`)], ['a name', far('', NAME)],
    ['the host as a parameter', `postgresql:///bereg?user=bereg&port=${port}&host=${address}`], ['one of two hosts', `postgresql://bereg@127.0.0.1:${port},${address}:${port}/bereg`],
    ['an address behind a name of this machine', far(`?hostaddr=${address}`, 'localhost')], ['the environment', `postgresql://bereg@:${port}/bereg`, { PGHOST: address }],
    ['an address in the environment', `postgresql://bereg@localhost:${port}/bereg`, { PGHOSTADDR: address }], ['a service', `postgresql:///?service=far`]];
  for (const [what, db, env] of ways) {
    const r = users(db, { env });
    ok(r.status === 1 && /on another machine \(.+verify-full.+--db-without-tls/.test(r.err), `by ${what}`, `${r.status} ${r.err}`);
  }
  is(connections(), before, 'and nothing was sent there: no password goes out');
  const served = bereg(['serve', '--db', far(), '--listen', '127.0.0.1:0'], { timeout: 20000 });
  ok(served.status === 1 && /on another machine/.test(served.err), 'the server does not start', served.err);
});

await part('this machine', async () => {
  for (const [what, db, env] of [['127.0.0.1', local], ['localhost', local.replace('127.0.0.1', 'localhost')], ['a socket', `postgresql:///bereg?user=bereg&port=${port}&host=${encodeURIComponent(at('pg'))}`],
    ['PGHOST', `postgresql://bereg@:${port}/bereg`, { PGHOST: at('pg') }]]) {
    const r = users(db, { env });
    is(r.status, 0, `${what} needs no TLS`, r.err);
  }
});

await part('TLS with a checked certificate', async () => {
  const r = users(named(good));
  is(r.status, 0, 'is taken', r.err);
  is(users(named(`sslrootcert=${encodeURIComponent(at('ca.pem'))}`), { env: { PGSSLMODE: 'verify-full' } }).status, 0, 'also when the environment demands it');
  const wrong = users(named(`sslmode=verify-full&sslrootcert=${encodeURIComponent(at('other.pem'))}`));
  ok(wrong.status === 1 && /certificate verify failed/.test(wrong.err), 'not a certificate of another authority', wrong.err);
  const name = users(far(`?${good}`));
  ok(name.status === 1 && /does not match host name/.test(name.err), 'nor one of another name', name.err);
  // the server itself, whose lock must let libpq read the certificate for each new connection
  const child = spawn(BEREG, ['serve', '--db', named(good), '--listen', '127.0.0.1:0'], { env: { ...process.env, BEREG_NOW: NOW, BEREG_PACKS: PACKS }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const ready = new Promise((resolve, reject) => { child.stdout.on('data', (d) => { said += d; const m = /ready: (\S+)/.exec(said); if (m) resolve(m[1]); }); child.on('close', () => reject(new Error(said))); });
  child.stderr.on('data', (d) => { said += d; });
  const base = await ready;
  const all = await Promise.all(Array.from({ length: 12 }, () => fetch(`${base}/help`).then((a) => a.status)));
  is([...new Set(all)], [200], 'a server works by it');
  const psql = fs.readdirSync('/usr/lib/postgresql').map((v) => `/usr/lib/postgresql/${v}/bin/psql`).at(-1);
  is(run(psql, ['-X', '-A', '-t', '-d', local, '-c', "select count(*) > 0, bool_and(s.ssl), min(s.version) from pg_stat_activity a join pg_stat_ssl s using (pid) where a.application_name = 'bereg'"]), 't|t|TLSv1.3', 'each of its connections is TLS');
  child.removeAllListeners('close');
  const ended = new Promise((resolve) => { child.on('close', resolve); });
  child.kill('SIGTERM');
  is(await ended, 0, 'and ends well');
  unlike(bereg(['doctor', '--lang', 'en', '--db', named(good)]).out, /database is on another/, 'the doctor has nothing to say of it');
});

await part('the switch', async () => {
  is(users(far(), { args: ['--db-without-tls'] }).status, 0, '--db-without-tls takes the way as it is');
  is(users(far(), { env: { BEREG_DB_WITHOUT_TLS: 'yes' } }).status, 0, 'BEREG_DB_WITHOUT_TLS too');
  const d = bereg(['doctor', '--lang', 'en', '--db', far(), '--db-without-tls']);
  like(d.out, new RegExp(`\\[!\\] The database is on another machine, and the way there is not TLS.*: ${address.replaceAll('.', '\\.')}`), 'and the doctor names it');
});

finish();
process.exit();
