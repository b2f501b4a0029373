// Collections: jsforce sends arrays of records to /composite/sobjects. And single refusals.
import assert from 'node:assert/strict';
import { KEY, lead, USERGEM } from './records.mjs';
import { refusal } from './refusals.mjs';

const made = {};
const NOBODY = '00Q000000000000EAA';
const codes = (results) => results.map((item) => item.errors.map((error) => error.statusCode)[0]);

export const collections = {
  'an array is created, each record for itself': async ({ connection }) => {
    const records = [lead('First'), { LastName: 'No company', Country: 'France' }, lead('Third')];
    const results = await connection.create('Lead', records);
    assert.deepEqual(results.map((item) => item.success), [true, false, true]);
    assert.deepEqual(codes(results), [undefined, 'REQUIRED_FIELD_MISSING', undefined]);
    assert.deepEqual(results[1].errors[0].fields, ['Company']);
    made.ids = [results[0].id, results[2].id];
  },
  'an array is created as a whole or not at all': async ({ connection }) => {
    const records = [lead('Rolled back'), { LastName: 'No company', Country: 'France' }];
    const results = await connection.create('Lead', records, { allOrNone: true });
    assert.deepEqual(results.map((item) => item.success), [false, false]);
    assert.deepEqual(
      codes(results), ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'REQUIRED_FIELD_MISSING'],
    );
    assert.equal(await connection.sobject('Lead').count({ LastName: 'Rolled back' }), 0);
    const good = await connection.create('Lead', [lead('Good')], { allOrNone: true });
    assert.equal(good[0].success, true);
    made.ids.push(good[0].id);
  },
  'an array is changed, each record for itself': async ({ connection }) => {
    const results = await connection.update('Lead', [
      { Id: made.ids[0], Title: 'Changed' },
      { Id: NOBODY, Title: 'Nobody' },
    ]);
    assert.deepEqual(results.map((item) => item.success), [true, false]);
    assert.equal(results[1].errors[0].statusCode, 'INVALID_CROSS_REFERENCE_KEY');
  },
  'an array is changed as a whole or not at all': async ({ connection }) => {
    const results = await connection.update('Lead', [
      { Id: made.ids[0], Title: 'Not kept' },
      { Id: made.ids[1], Email: 'no address' },
    ], { allOrNone: true });
    assert.deepEqual(
      codes(results), ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'INVALID_EMAIL_ADDRESS'],
    );
    assert.equal((await connection.retrieve('Lead', made.ids[0])).Title, 'Changed');
  },
  'an array is retrieved with null for nobody': async ({ connection }) => {
    const ids = [made.ids[0], NOBODY];
    const records = await connection.retrieve('Lead', ids, { fields: ['LastName'] });
    assert.equal(records[0].LastName, 'First');
    assert.equal(records[1], null);
    const all = await connection.retrieve('Lead', [made.ids[0]]);
    assert.equal(all[0].Company, 'Acme');
  },
  'an array is upserted by external id': async ({ connection }) => {
    const gems = ['ug_jsforce_1', 'ug_jsforce_2'].map((key) => (
      { [KEY]: key, UserGem__PersonName__c: 'Together' }
    ));
    const results = await connection.upsert(USERGEM, gems, KEY);
    assert.deepEqual(results.map((item) => item.success), [true, true]);
    assert.deepEqual(results.map((item) => item.created), [false, true]);
  },
  'an upserted array is kept as a whole or not at all': async ({ connection }) => {
    const gems = [
      { [KEY]: 'ug_jsforce_3' },
      { [KEY]: 'ug_jsforce_4', UserGem__NewEmail__c: 'no address' },
    ];
    const results = await connection.upsert(USERGEM, gems, KEY, { allOrNone: true });
    assert.deepEqual(
      codes(results), ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'INVALID_EMAIL_ADDRESS'],
    );
    assert.equal(await connection.sobject(USERGEM).count({ [KEY]: 'ug_jsforce_3' }), 0);
  },
  'an array is deleted, each record for itself': async ({ connection }) => {
    const results = await connection.destroy('Lead', [made.ids[0], NOBODY]);
    assert.deepEqual(results.map((item) => item.success), [true, false]);
  },
  'an array is deleted as a whole or not at all': async ({ connection }) => {
    const ids = [made.ids[1], NOBODY];
    const results = await connection.destroy('Lead', ids, { allOrNone: true });
    assert.deepEqual(results.map((item) => item.success), [false, false]);
    assert.equal((await connection.retrieve('Lead', made.ids[1])).Id, made.ids[1]);
  },
  'more than 200 records are sent in several calls': async ({ connection }) => {
    const many = Array.from({ length: 250 }, (_, place) => lead(`Many ${place}`));
    const tooMany = await refusal(connection.create('Lead', many));
    assert.equal(tooMany.errorCode, 'EXCEEDED_ID_LIMIT');
    const results = await connection.create('Lead', many, { allowRecursive: true });
    assert.equal(results.filter((item) => item.success).length, 250);
    const ids = results.map((item) => item.id);
    const gone = await connection.destroy('Lead', ids, { allowRecursive: true });
    assert.ok(gone.every((item) => item.success));
  },
  'a validation rule is worded by the customer': async ({ connection }) => {
    const error = await refusal(connection.create('Lead', { LastName: 'X', Company: 'Acme' }));
    assert.equal(error.errorCode, 'FIELD_CUSTOM_VALIDATION_EXCEPTION');
    assert.equal(error.message, 'Country is required on new leads.');
    assert.deepEqual(error.data.fields, []);
  },
  'a refusal names its fields': async ({ connection }) => {
    const missing = await refusal(connection.create('Lead', { Country: 'France' }));
    assert.equal(missing.errorCode, 'REQUIRED_FIELD_MISSING');
    assert.deepEqual(missing.data.fields.sort(), ['Company', 'LastName']);
    const email = await refusal(connection.create('Lead', lead('X', { Email: 'no address' })));
    assert.equal(email.errorCode, 'INVALID_EMAIL_ADDRESS');
    assert.deepEqual(email.data.fields, ['Email']);
    const long = await refusal(connection.create('Lead', lead('X'.repeat(81))));
    assert.equal(long.errorCode, 'STRING_TOO_LONG');
    assert.deepEqual(long.data.fields, ['LastName']);
    const field = await refusal(connection.create('Lead', lead('X', { Nope__c: 1 })));
    assert.equal(field.errorCode, 'INVALID_FIELD');
  },
  'unknown things are not found': async ({ connection }) => {
    const type = await refusal(connection.create('Nope__c', { Name: 'X' }));
    assert.equal(type.errorCode, 'NOT_FOUND');
    assert.equal((await refusal(connection.describe('Nope__c'))).errorCode, 'NOT_FOUND');
    const address = await refusal(connection.request('/nowhere'));
    assert.equal(address.errorCode, 'NOT_FOUND');
    const external = await refusal(connection.upsert('Lead', { Nope: 'x', LastName: 'X' }, 'Nope'));
    assert.equal(external.errorCode, 'NOT_FOUND');
  },
};
