// What an org says about its set-up, its reports, and jobs of the Bulk API 2.0.
import assert from 'node:assert/strict';
import { KEY, lead, USERGEM } from './records.mjs';
import { refusal } from './refusals.mjs';
import { signIn } from './signing_in.mjs';

const ADMINISTRATOR = 'priya.shah@northwind.example.full';
const WAIT = { pollTimeout: 30_000, pollInterval: 100 };

export const setup = {
  'layouts are described': async ({ connection }) => {
    const { layouts, recordTypeMappings } = await connection.sobject('Lead').layouts();
    assert.ok(layouts[0].detailLayoutSections.length > 0);
    assert.equal(recordTypeMappings[0].master, true);
  },
  'metadata is read by an administrator': async ({ loginUrl }) => {
    const priya = await signIn(loginUrl, ADMINISTRATOR);
    const layouts = await priya.tooling.query("SELECT Name FROM Layout WHERE TableEnumOrId = 'Lead'");
    assert.ok(layouts.totalSize > 0);
    const name = `Lead-${layouts.records[0].Name}`;
    const layout = await priya.metadata.read('Layout', name);
    assert.equal(layout.fullName, name);
    assert.ok(layout.layoutSections.length > 0);
    const fields = ['Lead.UserGem__Persona__c', 'Lead.UserGem__PastTitle__c'];
    const read = await priya.metadata.read('CustomField', fields);
    assert.deepEqual(read.map((field) => field.fullName), fields);
    const settings = await priya.metadata.read('LeadConvertSettings', 'LeadConvertSettings');
    assert.equal(settings.fullName, 'LeadConvertSettings');
  },
  'metadata is refused to others': async ({ connection }) => {
    const error = await refusal(connection.metadata.read('CustomField', 'Lead.Company'));
    assert.equal(error.errorCode, 'sf:INSUFFICIENT_ACCESS');
  },
  'reports are listed, described and run': async ({ signInToProduction }) => {
    const connection = await signInToProduction();
    const reports = await connection.analytics.reports();
    assert.ok(reports.length > 0);
    const report = connection.analytics.report(reports[0].id);
    const { reportMetadata } = await report.describe();
    assert.ok(reportMetadata.detailColumns.length > 0);
    const result = await report.execute({ details: true });
    assert.equal(typeof result.allData, 'boolean');
    assert.ok(result.factMap['T!T']);
    const started = await report.executeAsync({ details: true });
    const done = await finished(report.instance(started.id));
    assert.equal(done.attributes.status, 'Success');
    assert.ok((await report.instances()).some((instance) => instance.id === started.id));
  },
  'a bulk job inserts, and says which rows failed': async ({ connection }) => {
    const input = [lead('Bulk one'), lead('Bulk two'), { LastName: 'Bulk bad', Country: 'France' }];
    const done = await connection.bulk2.loadAndWaitForResults(
      { object: 'Lead', operation: 'insert', input, ...WAIT },
    );
    assert.equal(done.successfulResults.length, 2);
    assert.match(done.failedResults[0].sf__Error, /REQUIRED_FIELD_MISSING/);
    assert.equal(done.unprocessedRecords.length, 0);
    assert.equal(await connection.sobject('Lead').count({ LastName: { $like: 'Bulk %' } }), 2);
  },
  'a bulk job upserts by external id': async ({ connection }) => {
    const input = [{ [KEY]: 'ug_jsforce_bulk', UserGem__PersonName__c: 'Bulk, "quoted"\nand more' }];
    const job = { object: USERGEM, operation: 'upsert', externalIdFieldName: KEY, input, ...WAIT };
    const first = await connection.bulk2.loadAndWaitForResults(job);
    const second = await connection.bulk2.loadAndWaitForResults(job);
    assert.equal(first.successfulResults[0].sf__Created, 'true');
    assert.equal(second.successfulResults[0].sf__Created, 'false');
    const [gem] = await connection.sobject(USERGEM).find({ [KEY]: 'ug_jsforce_bulk' });
    assert.equal(gem.UserGem__PersonName__c, 'Bulk, "quoted"\nand more');
  },
  'a bulk query reads everything': async ({ connection }) => {
    const stream = await connection.bulk2.query('SELECT Id, Name FROM Account', WAIT);
    const records = await stream.toArray();
    const { totalSize } = await connection.query('SELECT count() FROM Account');
    assert.equal(records.length, totalSize);
    assert.ok(records.every((record) => record.Id.startsWith('001')));
  },
};

async function finished(instance) {
  for (let tries = 0; tries < 100; tries += 1) {
    const result = await instance.retrieve();
    if (!['New', 'Running'].includes(result.attributes.status)) return result;
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  return assert.fail('the report is not done after 10 seconds');
}
