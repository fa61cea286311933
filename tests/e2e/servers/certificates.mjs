// Certificates for tests, made by openssl(1) in a folder of their own: an authority, and what it and others signed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function makeCertificates() {
  const dir = mkdtempSync(join(tmpdir(), 'certificates-'));
  const file = (name) => join(dir, name);
  const run = (...args) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });

  function authority(name) {
    run('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '30', '-subj', `/CN=${name}`);
  }

  // Signed by the authority `by`, for the host, ending after that many days (before now: it has ended).
  function signed(name, by, host, days) {
    run('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${host}`);
    writeFileSync(file(`${name}.ext`), `subjectAltName=DNS:${host}\n`);
    const ends = new Date(Date.now() + days * 86400e3 + (days > 0 ? 3600e3 : 0));
    const starts = new Date(Math.min(Date.now(), ends.getTime()) - 2 * 86400e3);
    const stamp = (d) => d.toISOString().replace(/[-:T]/g, '').replace(/\.\d+/, '');
    writeFileSync(file('index.txt'), '');
    writeFileSync(file('serial'), '01\n');
    writeFileSync(file('ca.cnf'), '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n');
    run('ca', '-batch', '-config', 'ca.cnf', '-cert', `${by}.pem`, '-keyfile', `${by}.key`, '-in', `${name}.csr`, '-out', `${name}.pem`, '-notext', '-extfile', `${name}.ext`, '-startdate', stamp(starts), '-enddate', stamp(ends));
  }

  authority('ca');
  authority('other');
  signed('good', 'ca', 'www.example.org', 20);
  signed('expired', 'ca', 'www.example.org', -3);
  signed('client', 'ca', 'checker', 20);
  run('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'self.key', '-out', 'self.pem', '-days', '30', '-subj', '/CN=self.example.org');
  const text = (name) => readFileSync(file(name), 'utf8');
  return {
    dir,
    text,
    pair: (name) => ({ cert: text(`${name}.pem`), key: text(`${name}.key`) }),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
