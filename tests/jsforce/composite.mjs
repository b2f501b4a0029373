// Composite and graph: jsforce has no method of its own for them, only its request.
import assert from 'node:assert/strict';
import { lead } from './records.mjs';
import { VERSION } from './signing_in.mjs';

const BASE = `/services/data/v${VERSION}`;

export const composite = {
  'composite parts refer to each other': async ({ connection }) => {
    const { compositeResponse: parts } = await connection.requestPost('/composite', {
      allOrNone: true,
      compositeRequest: [
        { method: 'POST', url: `${BASE}/sobjects/Lead`, referenceId: 'made', body: lead('Parts') },
        { method: 'GET', url: `${BASE}/sobjects/Lead/@{made.id}?fields=Name`, referenceId: 'read' },
        {
          method: 'GET',
          url: `${BASE}/query?q=${encodeURIComponent("SELECT Id FROM Lead WHERE Id = '")}@{made.id}'`,
          referenceId: 'found',
        },
      ],
    });
    assert.deepEqual(parts.map((part) => part.httpStatusCode), [201, 200, 200]);
    assert.deepEqual(parts.map((part) => part.referenceId), ['made', 'read', 'found']);
    assert.ok(parts[0].httpHeaders.Location.endsWith(parts[0].body.id));
    assert.equal(parts[1].body.Name, 'Parts');
    assert.equal(parts[2].body.totalSize, 1);
  },
  'composite parts fail together': async ({ connection }) => {
    const { compositeResponse: parts } = await connection.requestPost('/composite', {
      allOrNone: true,
      compositeRequest: [
        { method: 'POST', url: `${BASE}/sobjects/Lead`, referenceId: 'a', body: lead('Together') },
        { method: 'POST', url: `${BASE}/sobjects/Lead`, referenceId: 'b', body: { Company: 'A' } },
      ],
    });
    assert.deepEqual(parts.map((part) => part.httpStatusCode), [400, 400]);
    assert.equal(parts[0].body[0].errorCode, 'PROCESSING_HALTED');
    assert.equal(await connection.sobject('Lead').count({ LastName: 'Together' }), 0);
  },
  'graphs succeed and fail each for itself': async ({ connection }) => {
    const node = (referenceId, values) => (
      { method: 'POST', url: `${BASE}/sobjects/Lead`, referenceId, body: values }
    );
    const { graphs } = await connection.requestPost('/composite/graph', {
      graphs: [
        { graphId: 'good', compositeRequest: [node('one', lead('Graph'))] },
        { graphId: 'bad', compositeRequest: [node('one', lead('Gone')), node('two', {})] },
      ],
    });
    const successful = Object.fromEntries(graphs.map((item) => [item.graphId, item.isSuccessful]));
    assert.deepEqual(successful, { good: true, bad: false });
    assert.equal(await connection.sobject('Lead').count({ LastName: 'Gone' }), 0);
  },
};
