// What jsforce does with an org, one named check each. They run in this order on one connection.
import assert from 'node:assert/strict';
import jsforce from 'jsforce';
import { collections } from './collections.mjs';
import { composite } from './composite.mjs';
import { KEY, lead, USERGEM } from './records.mjs';
import { refusal } from './refusals.mjs';
import { setup } from './setup.mjs';
import { approve, oauth2, signIn } from './signing_in.mjs';

const made = {};

const signing = {
  'signs in with a code and PKCE': async ({ connection, instance }) => {
    assert.equal(connection.instanceUrl, instance);
    assert.match(connection.accessToken, /^00D\w{12}!/);
    assert.ok(connection.refreshToken);
  },
  'a code works once': async ({ loginUrl, username }) => {
    const auth = oauth2(loginUrl);
    const back = await approve(auth.getAuthorizationUrl({ scope: 'api id' }), username);
    await auth.requestToken(back.get('code'));
    const again = await refusal(auth.requestToken(back.get('code')));
    assert.equal(again.name, 'invalid_grant');
    assert.equal(again.message, 'expired authorization code');
  },
  'a wrong verifier is refused': async ({ loginUrl, username }) => {
    const auth = oauth2(loginUrl);
    const back = await approve(auth.getAuthorizationUrl({ scope: 'api id' }), username);
    auth.codeVerifier = auth.codeVerifier.split('').reverse().join('');
    const error = await refusal(auth.requestToken(back.get('code')));
    assert.deepEqual([error.name, error.message], ['invalid_grant', 'invalid code verifier']);
  },
  'identity tells who is signed in': async ({ connection, username }) => {
    const who = await connection.identity();
    assert.equal(who.username, username);
    assert.equal(who.organization_id, connection.userInfo.organizationId);
    assert.equal(who.user_id, connection.userInfo.id);
    assert.ok(who.urls.rest.startsWith(connection.instanceUrl));
  },
  'the resources lead to the identity': async ({ connection }) => {
    const resources = await connection.request('/');
    assert.ok(resources.identity.endsWith(connection.userInfo.id));
    assert.ok(resources.sobjects.endsWith('/sobjects'));
  },
  'userinfo tells it, too': async ({ connection, username }) => {
    const who = await connection.request('/services/oauth2/userinfo');
    assert.equal(who.preferred_username, username);
    assert.equal(who.organization_id, connection.userInfo.organizationId);
  },
};

const describing = {
  'describeGlobal lists the objects': async ({ connection }) => {
    const { sobjects, maxBatchSize, encoding } = await connection.describeGlobal();
    const names = sobjects.map((item) => item.name);
    for (const name of ['Account', 'Contact', 'Lead', 'Campaign', 'CampaignMember', USERGEM]) {
      assert.ok(names.includes(name), name);
    }
    assert.deepEqual([maxBatchSize, encoding], [200, 'UTF-8']);
  },
  'describe tells the fields': async ({ connection }) => {
    const described = await connection.describe('Lead');
    const fields = Object.fromEntries(described.fields.map((item) => [item.name, item]));
    assert.equal(described.keyPrefix, '00Q');
    assert.equal(fields.Company.nillable, false);
    assert.equal(fields.Status.type, 'picklist');
    assert.ok(fields.Status.picklistValues.some((value) => value.defaultValue));
    assert.deepEqual(fields.UserGem__PastContact__c.referenceTo, ['Contact']);
  },
};

const querying = {
  'a query answers records with attributes': async ({ connection }) => {
    const found = await connection.query('SELECT Id, Name FROM Account ORDER BY Name LIMIT 3');
    assert.deepEqual([found.totalSize, found.done, found.records.length], [3, true, 3]);
    const [{ Id, attributes }] = found.records;
    assert.equal(attributes.type, 'Account');
    assert.ok(attributes.url.endsWith(`/sobjects/Account/${Id}`));
  },
  'queryMore goes through all pages': async ({ connection }) => {
    const headers = { 'Sforce-Query-Options': 'batchSize=200' };
    let page = await connection.query('SELECT Id FROM Account', { headers });
    const total = page.totalSize;
    const ids = new Set();
    for (;;) {
      page.records.forEach((record) => ids.add(record.Id));
      if (page.done) break;
      assert.ok(page.records.length >= 200);
      page = await connection.queryMore(page.nextRecordsUrl);
    }
    assert.ok(total > 400);
    assert.equal(ids.size, total);
  },
  'autoFetch reads everything': async ({ connection }) => {
    const count = await connection.query('SELECT count() FROM Contact');
    const all = await connection
      .query('SELECT Id, LastName FROM Contact')
      .on('record', () => undefined)
      .run({ autoFetch: true, maxFetch: 10_000 });
    assert.ok(count.totalSize > 2000);
    assert.equal(new Set(all.records.map((record) => record.Id)).size, count.totalSize);
  },
  'a stream of records comes to its end': async ({ connection }) => {
    const seen = await new Promise((resolve, reject) => {
      let number = 0;
      connection
        .query('SELECT Id FROM Lead')
        .on('record', () => { number += 1; })
        .on('end', () => resolve(number))
        .on('error', reject)
        .run({ autoFetch: true, maxFetch: 10_000 });
    });
    assert.equal(seen, (await connection.query('SELECT count() FROM Lead')).totalSize);
  },
  'parents and children come along': async ({ connection }) => {
    const [contact] = (await connection.query(
      'SELECT Id, Account.Name, Owner.Name FROM Contact WHERE AccountId != null LIMIT 1',
    )).records;
    assert.equal(contact.Account.attributes.type, 'Account');
    assert.ok(contact.Owner.Name);
    const accounts = await connection
      .sobject('Account')
      .find({ 'Name': { $like: 'A%' } }, 'Id, Name')
      .include('Contacts').select('Id, LastName').limit(5).end()
      .sort({ Name: 1 })
      .limit(10)
      .execute();
    assert.ok(accounts.length > 1);
    assert.ok(accounts.some((account) => account.Contacts?.records.length));
  },
  'conditions of all kinds find records': async ({ connection }) => {
    const contacts = connection.sobject('Contact');
    const [one] = await contacts.find({ Email: { $ne: null } }, ['Id', 'Email']).limit(1);
    const name = { $or: [{ Id: one.Id }, { Email: one.Email }] };
    assert.ok((await contacts.find(name, 'Id')).some((record) => record.Id === one.Id));
    const found = await contacts.find({ Id: { $in: [one.Id] } }, { Id: 1, Email: 1 });
    assert.deepEqual(found.map((record) => record.Email), [one.Email]);
    const soon = jsforce.Date.toDateTimeLiteral(new Date('2100-01-01T00:00:00Z'));
    assert.ok((await contacts.count({ CreatedDate: { $lte: soon } })) > 0);
    assert.equal(await contacts.count({ LastName: "O'No such \\ name" }), 0);
  },
  'groups are counted': async ({ connection }) => {
    const soql = 'SELECT Status, COUNT(Id) many FROM Lead GROUP BY Status';
    const { records } = await connection.query(soql);
    assert.equal(records[0].attributes.type, 'AggregateResult');
    assert.ok(records.every((record) => record.many > 0));
  },
  'a query that nobody understands is refused': async ({ connection }) => {
    const broken = await refusal(connection.query('SELECT FROM Account'));
    assert.equal(broken.errorCode, 'MALFORMED_QUERY');
    const unknown = await refusal(connection.query('SELECT Nope FROM Account'));
    assert.equal(unknown.errorCode, 'INVALID_FIELD');
    const type = await refusal(connection.query('SELECT Id FROM Nope'));
    assert.equal(type.errorCode, 'INVALID_TYPE');
    const locator = '/services/data/v66.0/query/01gNOSUCH-2000';
    const more = await refusal(connection.queryMore(locator));
    assert.equal(more.errorCode, 'INVALID_QUERY_LOCATOR');
  },
};

const writing = {
  'a record is created and retrieved': async ({ connection }) => {
    const saved = await connection.create('Lead', lead('Single', { Email: 'one@acme.example' }));
    assert.deepEqual([saved.success, saved.errors], [true, []]);
    made.lead = saved.id;
    const record = await connection.retrieve('Lead', saved.id);
    assert.equal(record.LastName, 'Single');
    assert.equal(record.attributes.type, 'Lead');
    assert.ok(record.OwnerId.startsWith('005'));
    const few = await connection.retrieve('Lead', saved.id, { fields: ['Id', 'Email'] });
    assert.deepEqual(Object.keys(few).sort(), ['Email', 'Id', 'attributes']);
  },
  'it is changed': async ({ connection }) => {
    const saved = await connection.sobject('Lead').update({ Id: made.lead, Title: 'Chief' });
    assert.deepEqual(saved, { id: made.lead, success: true, errors: [] });
    assert.equal((await connection.sobject('Lead').retrieve(made.lead)).Title, 'Chief');
  },
  'it is created and changed by external id': async ({ connection }) => {
    const gem = { [KEY]: 'ug_jsforce_1', UserGem__PersonName__c: 'Ada' };
    const first = await connection.upsert(USERGEM, gem, KEY);
    assert.deepEqual([first.success, first.created], [true, true]);
    const second = await connection.upsert(USERGEM, { ...gem, UserGem__PersonName__c: 'Bo' }, KEY);
    assert.deepEqual([second.id, second.created], [first.id, false]);
    const [found] = await connection.sobject(USERGEM).find({ [KEY]: 'ug_jsforce_1' });
    assert.equal(found.UserGem__PersonName__c, 'Bo');
    made.gem = first.id;
  },
  'it is deleted, and then not found': async ({ connection }) => {
    assert.equal((await connection.destroy('Lead', made.lead)).success, true);
    const gone = await refusal(connection.retrieve('Lead', made.lead));
    assert.equal(gone.errorCode, 'NOT_FOUND');
    const again = await refusal(connection.destroy('Lead', made.lead));
    assert.equal(again.errorCode, 'ENTITY_IS_DELETED');
    const soql = `SELECT Id, IsDeleted FROM Lead WHERE Id = '${made.lead}'`;
    assert.equal((await connection.query(soql)).totalSize, 0);
    assert.equal((await connection.query(soql, { scanAll: true })).records[0].IsDeleted, true);
  },
};

const refreshing = {
  'an ended access token is refreshed once, and the token rotates': async ({ connection }) => {
    const before = connection.refreshToken;
    let refreshes = 0;
    connection.on('refresh', () => { refreshes += 1; });
    connection.accessToken = `${connection.accessToken.split('!')[0]}!ended`;
    assert.equal((await connection.query('SELECT Id FROM Account LIMIT 1')).records.length, 1);
    assert.equal(refreshes, 1);
    assert.notEqual(connection.refreshToken, before);
    made.spent = before;
  },
  'the rotated token refreshes again': async ({ connection }) => {
    const before = connection.refreshToken;
    connection.accessToken = 'ended';
    await connection.limits();
    assert.notEqual(connection.refreshToken, before);
  },
  'a token that was spent is taken for theft': async ({ connection }) => {
    const again = await refusal(connection.oauth2.refreshToken(made.spent));
    assert.deepEqual(
      [again.name, again.message], ['invalid_grant', 'expired access/refresh token'],
    );
    await assert.rejects(connection.query('SELECT Id FROM Account LIMIT 1'));
  },
  'a revoked token has ended': async ({ loginUrl, username }) => {
    const other = await signIn(loginUrl, username);
    const { accessToken, instanceUrl, refreshToken } = other;
    await other.logout(true);
    await assert.rejects(other.oauth2.refreshToken(refreshToken));
    const answer = await fetch(`${instanceUrl}/services/data/v66.0/limits`, {
      headers: { Authorization: `Bearer ${accessToken}` },
    });
    assert.equal(answer.status, 401);
  },
};

const others = {
  'limits tell the calls of the day': async ({ connection }) => {
    const { DailyApiRequests } = await connection.limits();
    assert.ok(DailyApiRequests.Max > DailyApiRequests.Remaining);
    const { used, limit } = connection.limitInfo.apiUsage;
    assert.equal(limit, DailyApiRequests.Max);
    assert.ok(used > 0 && used < limit);
  },
  'tooling queries name the package': async ({ connection }) => {
    const { records } = await connection.tooling.query(
      'SELECT SubscriberPackage.NamespacePrefix FROM InstalledSubscriberPackage',
    );
    assert.equal(records[0].SubscriberPackage.NamespacePrefix, 'UserGem');
  },
};

/** Every check, in the order in which they run; the last ones end the connection. */
export const CHECKS = {
  ...signing, ...describing, ...querying, ...writing, ...collections, ...composite, ...others,
  ...setup, ...refreshing,
};
