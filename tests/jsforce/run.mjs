// node run.mjs LOGIN_URL INSTANCE_URL USERNAME PRODUCTION_LOGIN_URL: jsforce drives the rehearsal orgs.
// Prints one line a check: `ok NAME`, or `not ok NAME: WHY`; and `skip WHAT: WHY`.
import { CHECKS } from './checks.mjs';
import { signIn } from './signing_in.mjs';

const SKIPPED = {
  'SOAP login, username and password flows': 'the portal knows the web server flow only',
  'Bulk API 1.0': 'superseded: nobody begins with it today',
  'Streaming, Pub/Sub, platform events': 'the portal never subscribes',
  'Apex REST, execute anonymous, tests': 'no code runs in the rehearsal orgs',
  'Chatter, SOSL search, recent, tabs, theme, quick actions': 'the portal never asks for them',
  'Metadata other than read': 'the portal never changes an org\'s setup',
};

const [loginUrl, instance, username, productionLogin] = process.argv.slice(2);
// Reports are asked for in production only, here too.
const signInToProduction = () => (
  signIn(productionLogin, username.replace(/\.full$/, ''), 'production')
);

function said(kind, name, why) {
  const reason = why ? `: ${String(why).replace(/\s+/g, ' ').slice(0, 400)}` : '';
  process.stdout.write(`${kind} ${name}${reason}\n`);
}

let connection;
try {
  connection = await signIn(loginUrl, username);
} catch (error) {
  said('not ok', 'signs in with a code and PKCE', error.message);
  process.exit(1);
}
let failed = 0;
for (const [name, check] of Object.entries(CHECKS)) {
  try {
    await check({ connection, loginUrl, instance, username, signInToProduction });
    said('ok', name);
  } catch (error) {
    failed += 1;
    said('not ok', name, `${error.errorCode ?? error.name} ${error.message}`);
  }
}
for (const [what, why] of Object.entries(SKIPPED)) said('skip', what, why);
process.exit(failed ? 1 : 0);
