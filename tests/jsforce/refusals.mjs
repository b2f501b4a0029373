// Errors, as jsforce understands them.
import assert from 'node:assert/strict';

/** The error that a promise ends in; fails when it does not. */
export async function refusal(promise) {
  let answer;
  try {
    answer = await promise;
  } catch (error) {
    return error;
  }
  return assert.fail(`was not refused: ${JSON.stringify(answer)}`);
}
