// Sign-in with jsforce's own OAuth2 classes; the person's browser at the login pages is fetch.
import assert from 'node:assert/strict';
import jsforce from 'jsforce';

export const VERSION = '66.0';

/** jsforce's OAuth2 for one of the rehearsal's apps, with PKCE. */
export function oauth2(loginUrl, environment = 'sandbox') {
  return new jsforce.OAuth2({
    loginUrl,
    clientId: `rehearsal-${environment}-client`,
    clientSecret: `rehearsal-${environment}-secret`,
    redirectUri: `http://testserver/connect/callback/${environment}/`,
    useVerifier: true,
  });
}

/** Choose the user, allow access; answers the parameters that our callback would get. */
export async function approve(address, username) {
  const page = await fetch(address, { redirect: 'manual' });
  const html = await page.text();
  assert.equal(page.status, 200, page.headers.get('location') ?? html);
  const name = username.replaceAll('.', '\\.');
  const found = html.match(new RegExp(`value="([^"]+)"[^>]*>\\s*<span>[^]{0,80}?<small>${name}<`));
  assert.ok(found, `${username} is not on the login page`);
  const [, user] = found;
  const consent = await post(address, { user });
  assert.match(await consent.text(), /Allow access\?/);
  const back = await post(address, { user, decision: 'allow' });
  assert.equal(back.status, 302);
  return new URL(back.headers.get('location')).searchParams;
}

function post(address, form) {
  return fetch(address, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
}

/** A connection signed in as this user. A rotated refresh token is kept, as the platform asks. */
export async function signIn(loginUrl, username, environment = 'sandbox') {
  const auth = oauth2(loginUrl, environment);
  const address = auth.getAuthorizationUrl({
    scope: 'api refresh_token openid id',
    state: 'a state & more',
  });
  const back = await approve(address, username);
  assert.equal(back.get('state'), 'a state & more');
  const connection = new jsforce.Connection({ oauth2: auth, version: VERSION, maxRequest: 20 });
  await connection.authorize(back.get('code'));
  connection.on('refresh', (_token, answer) => {
    connection.refreshToken = answer.refresh_token ?? connection.refreshToken;
  });
  return connection;
}
