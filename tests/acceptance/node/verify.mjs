// Says of each request that it is given what the standardwebhooks library makes of it: the event, or why it is refused.
//
// stdin: [{secret, headers, body: base64 of the bytes as they came}]; stdout: [{event} or {refused}].
import { readFileSync } from "node:fs";
import { Webhook, WebhookVerificationError } from "standardwebhooks";

function verified({ secret, headers, body }) {
  try {
    return { event: new Webhook(secret).verify(Buffer.from(body, "base64").toString("utf8"), headers) };
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    return { refused: error.message };
  }
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(verified)));
