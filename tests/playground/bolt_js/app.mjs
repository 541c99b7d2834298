/** An app on @slack/bolt, Slack's other official client: over Socket Mode, or on a port when one is given. */

import bolt from "@slack/bolt";

const { SLACK_API_URL, SLACK_BOT_TOKEN, SLACK_APP_TOKEN, SLACK_SIGNING_SECRET, PORT } = process.env;
const clientOptions = { slackApiUrl: SLACK_API_URL };
const common = { token: SLACK_BOT_TOKEN, clientOptions, logLevel: "error" };
const app = PORT
  ? new bolt.App({ ...common, signingSecret: SLACK_SIGNING_SECRET })
  : new bolt.App({ ...common, appToken: SLACK_APP_TOKEN, socketMode: true });

const plain = (text) => ({ type: "plain_text", text });

app.command("/echo", async ({ ack, command, say, client }) => {
  if (command.text === "form") {
    await ack();
    const name = { type: "plain_text_input", action_id: "name" };
    const blocks = [{ type: "input", block_id: "name", label: plain("Name"), element: name }];
    const view = { type: "modal", callback_id: "form", title: plain("Form"), submit: plain("Send"), blocks };
    await client.views.open({ trigger_id: command.trigger_id, view });
    return;
  }
  await ack(`you said ${command.text}`);
  const button = { type: "button", action_id: "press", text: plain("Press"), value: command.text };
  await say({ text: "a card", blocks: [{ type: "actions", elements: [button] }] });
});

app.action("press", async ({ ack, action, body, client, respond }) => {
  await ack();
  await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text: `pressed ${action.value}`, blocks: [] });
  await respond({ text: `thanks, ${body.user.username}`, replace_original: false });
});

app.view("form", async ({ ack, view }) => {
  const name = view.state.values.name.name.value;
  await ack(name === "wrong" ? { response_action: "errors", errors: { name: "not this" } } : {});
});

app.event("app_home_opened", async ({ event, client }) => {
  const blocks = [{ type: "section", text: plain(`home of ${event.user}`) }];
  await client.views.publish({ user_id: event.user, view: { type: "home", blocks } });
});

app.event("reaction_added", async ({ event, client }) => {
  const { channel, ts } = event.item;
  await client.chat.postMessage({ channel, thread_ts: ts, text: `saw ${event.reaction}` });
  await client.filesUploadV2({ channel_id: channel, filename: "note.txt", content: "made by the app", initial_comment: "a file" });
});

await app.start(PORT ? Number(PORT) : undefined);
console.log("ready");
