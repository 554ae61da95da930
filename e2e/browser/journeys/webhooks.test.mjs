// Webhooks in the browser: one is made, tried, hears of a real cluster, fails, is renewed and deleted.
import assert from "node:assert/strict";
import { test } from "node:test";

import { journey, live, onPhone, pages, shownOnce } from "./journey.mjs";
import { receive, signed } from "./receiver.mjs";
import { HANGS, create, email, enter, eventually, picture, remove } from "./stack.mjs";

const tryIt = (page) => page.getByRole("button", { name: /^Send test to/ }).click();

const more = async (page, item) => {
  await page.getByRole("button", { name: /^More actions for 127/ }).click();
  await page.getByRole("menuitem", { name: item }).click();
};

/** To the webhooks of one's own organization. */
async function toWebhooks(page) {
  await page.goto("/organizations");
  await page.getByRole("link", { name: /Only you/ }).click();
  await page.getByRole("tab", { name: "Webhooks" }).click();
}

test("a webhook is made, tried and told of a real cluster, with a good signature", { timeout: HANGS }, async () => {
  const receiver = await receive();
  try {
    await journey("webhooks", ["owner"], async ({ page }) => {
      await enter(page, email("hooks"));
      await toWebhooks(page);
      await page.getByText("No webhooks yet").waitFor();
      await picture(page, "webhooks-none");
      await page.getByRole("button", { name: "Create first webhook" }).click();
      const address = page.getByRole("textbox", { name: "Address" });
      const make = page.getByRole("button", { name: "Create webhook" });
      await address.fill("https://10.0.0.1/");
      await make.click();
      await page.getByText(/This is not an address of the public internet/).waitFor();
      await picture(page, "webhooks-refused");
      await address.fill(`${receiver.url}/hook`);
      await page.getByText("Selected events").click();
      await page.getByRole("checkbox", { name: "cluster.created" }).check();
      await page.getByRole("checkbox", { name: "cluster.changed" }).check();
      await onPhone(page, "webhooks-form-phone");
      await make.click();
      const secret = await shownOnce(page);
      await picture(page, "webhooks-secret");
      await page.getByRole("button", { name: "Done" }).click();

      await tryIt(page);
      await page.getByText(/^Delivered in .*, status 204$/).waitFor();
      assert.equal(receiver.came[0].event.type, "webhook.test");
      assert.ok(signed(receiver.came[0], secret), "the test is signed");
      assert.ok(!signed(receiver.came[0], "whsec_c29tZXRoaW5nIGVsc2U="), "by this secret alone");
      receiver.status = 503;
      await tryIt(page);
      await page.getByText(/^Not delivered after .*503/).waitFor();
      await picture(page, "webhooks-tried");
      await onPhone(page, "webhooks-tried-phone");
      receiver.status = 204;

      await pages(page, "Clusters");
      await live(page);
      await create(page, "hooked");
      const heard = (ask) => eventually("the receiver hears", () => receiver.came.find(({ event }) => ask(event)));
      await heard(({ type, data }) => type === "cluster.created" && data.name === "hooked");
      await remove(page, "hooked");
      await heard(({ type, status }) => type === "cluster.changed" && status === "DELETED");
      for (const request of receiver.came) assert.ok(signed(request, secret), "each is signed");
      const versions = receiver.came.filter(({ event }) => event.cluster_id).map(({ event }) => event.version);
      assert.deepEqual(versions, [...versions].sort((a, b) => a - b), "in order");
      assert.ok(receiver.came.every(({ event }) => /^(cluster|webhook)\./.test(event.type)), "only the wanted types");

      await toWebhooks(page);
      await page.getByRole("button", { name: /^Deliveries to/ }).click();
      const deliveries = page.getByRole("list", { name: "Deliveries" });
      await deliveries.getByText("cluster.created").waitFor();
      const failures = page.getByRole("switch", { name: "Failures only" });
      await failures.click({ trial: true }); // when it has come in
      await picture(page, "webhooks-deliveries");
      await onPhone(page, "webhooks-deliveries-phone");
      await failures.check();
      await deliveries.getByText("cluster.created").waitFor({ state: "detached" });
      // Between the two lists there is none.
      await eventually("the failed test alone", async () => (await deliveries.getByRole("listitem").count()) === 1);
      await page.keyboard.press("Escape");

      await more(page, "New secret…");
      await page.getByRole("button", { name: "Create secret" }).click();
      const renewed = await shownOnce(page);
      await page.getByRole("button", { name: "Done" }).click();
      const before = receiver.came.length;
      await tryIt(page);
      await eventually("another test comes", () => receiver.came.length > before);
      for (const one of [secret, renewed]) assert.ok(signed(receiver.came[before], one), "the old secret signs along");

      await more(page, "Turn off");
      await page.getByText(/the webhook continues where it stopped/).waitFor();
      await picture(page, "webhooks-off");
      await page.getByRole("button", { name: /^Turn on/ }).click();
      await page.getByText("On", { exact: true }).waitFor();
      await more(page, "Delete…");
      await page.getByRole("button", { name: "Delete webhook" }).click();
      await page.getByText("No webhooks yet").waitFor();
    });
  } finally {
    receiver.close();
  }
});
