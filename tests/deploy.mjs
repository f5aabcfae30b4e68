// The unit files of deploy/systemd, as systemd itself reads them, and that the program has what they call.
//   BEREG=… node tests/deploy.mjs
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { BEREG, TREE, bereg, tmpDir } from './lib/server.mjs';
import { finish, is, like, note, ok, skip } from './lib/tap.mjs';

const units = ['bereg-web.service', 'bereg-jobs.service', 'bereg-head.service', 'bereg-backup.service', 'bereg-doctor.service'];
const timers = fs.readdirSync(path.join(TREE, 'deploy/systemd')).filter((f) => f.endsWith('.timer')).sort();
const textOf = (u) => fs.readFileSync(path.join(TREE, 'deploy/systemd', u), 'utf8');
const value = (u, name) => new RegExp(`^${name}=(.*)$`, 'm').exec(textOf(u))?.[1];

is(new Set(units.map((u) => value(u, 'User'))).size, 2, 'pages and jobs are users of their own');
for (const u of units) {
  like(textOf(u), /^LoadCredential=bereg\.keys:/m, `${u}: the keys come as a credential`);
  is([value(u, 'NoNewPrivileges'), value(u, 'ProtectSystem'), value(u, 'CapabilityBoundingSet'), value(u, 'IPAddressDeny')], ['yes', 'strict', '', 'any'], `${u}: no privileges, no files, no hosts but named ones`);
  const sysusers = textOf('bereg.sysusers');
  ok(new RegExp(`^u ${value(u, 'User')} `, 'm').test(sysusers), `${u}: its user is made by bereg.sysusers`);
  const [, command, ...words] = value(u, 'ExecStart').split(' ');
  const help = bereg([command, '--help']).out;
  ok(help && words.filter((w) => w.startsWith('--')).every((w) => help.includes(w)), `${u}: bereg ${command} knows ${words.filter((w) => w.startsWith('--')).join(' ')}`, help);
}

is(timers, ['bereg-backup.timer', 'bereg-doctor.timer', 'bereg-head.timer'], 'timers for backups, the doctor and heads of the logs');
for (const t of timers) {
  ok(units.includes(t.replace('.timer', '.service')), `${t} has its service`);
  ok(value(t, 'OnCalendar') && value(t, 'Persistent') === 'yes' && value(t, 'WantedBy') === 'timers.target', `${t}: by the calendar, made up for after a night switched off`);
}
like(textOf('bereg-backup.service'), /^LoadCredential=bereg\.backup:/m, 'the making key of backups comes as a credential');

const there = spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' });
if (there.error) {
  skip('systemd reads the units', 'systemd-analyze is not here');
} else {
  const dir = fs.mkdtempSync(path.join(tmpDir(), 'units-'));
  const paths = [...units, ...timers].map((u) => {
    const p = path.join(dir, u); // verify wants the program to be there
    fs.writeFileSync(p, textOf(u).replaceAll('/usr/bin/bereg ', `${BEREG} `).replaceAll(/^Documentation=.*\n/gm, ''));
    return p;
  });
  const verified = spawnSync('systemd-analyze', ['verify', ...paths], { encoding: 'utf8', timeout: 60000 });
  const complaints = `${verified.stdout}${verified.stderr}`.split('\n').filter((l) => /bereg-(web|jobs|head|backup|doctor)/.test(l));
  is([verified.status, complaints], [0, []], 'systemd-analyze verify has nothing to say');
  for (const t of timers) is(spawnSync('systemd-analyze', ['calendar', value(t, 'OnCalendar')], { encoding: 'utf8' }).status, 0, `${t}: its time is one`);
  for (const p of paths.filter((f) => f.endsWith('.service'))) {
    const judged = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', p], { encoding: 'utf8', timeout: 60000 });
    const level = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(judged.stdout)?.[1] ?? NaN);
    ok(level <= 1.5, `${path.basename(p)}: exposure ${level} of 10`, judged.stdout.split('\n').filter((l) => l.includes('✗')).join('\n'));
    note(`${path.basename(p)}: systemd-analyze security: ${level}`);
  }
  fs.rmSync(dir, { recursive: true });
}
finish();
