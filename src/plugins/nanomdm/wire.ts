import { z } from "zod";

/** What NanoMDM, MicroMDM and devices send, in their own spelling; what is not named here may come along. */

/** NanoMDM writes errors as text; anything else is kept as it came. */
const errorText = z
  .unknown()
  .optional()
  .transform((value) =>
    value == null || value === "" ? undefined : typeof value === "string" ? value : JSON.stringify(value),
  );

/** NanoMDM's answer to an enqueue and to a push: HTTP 200 for all ids well, 207 for some, 500 for none. */
export const apiResult = z.looseObject({
  status: z
    .record(
      z.string(),
      z.looseObject({ push_result: z.unknown().optional(), push_error: errorText, command_error: errorText }),
    )
    .nullish(),
  push_error: errorText,
  command_error: errorText,
});

export type ApiResult = z.infer<typeof apiResult>;

/** NanoMDM's `/v1/pushcert`. */
export const pushCertificate = z.looseObject({
  topic: z.string().nullish(),
  not_after: z.string().nullish(),
  error: errorText,
});

/** `/version` of both. */
export const serverVersion = z.looseObject({ version: z.string() });

/** MicroMDM's error answers. */
export const microError = z.looseObject({ error: errorText });

/** MicroMDM's `/v1/devices`. */
export const microDevices = z.looseObject({
  devices: z
    .array(
      z.looseObject({
        serial_number: z.string().nullish(),
        udid: z.string().nullish(),
        enrollment_status: z.union([z.boolean(), z.string()]).nullish(),
        last_seen: z.string().nullish(),
      }),
    )
    .nullish(),
});

const ids = z.looseObject({ id: z.string(), type: z.string().nullish(), parent_id: z.string().nullish() });

const common = {
  udid: z.string().nullish(),
  enrollment_id: z.string().nullish(),
  /** Newer releases of NanoMDM alone. */
  ids: ids.nullish(),
  raw_payload: z.string(),
};

/** The webhook's event, the same for both servers. */
export const webhookEvent = z.looseObject({
  topic: z.string(),
  created_at: z.string().nullish(),
  acknowledge_event: z
    .looseObject({ ...common, status: z.string().nullish(), command_uuid: z.string().nullish() })
    .nullish(),
  checkin_event: z.looseObject(common).nullish(),
});

export type WebhookEvent = z.infer<typeof webhookEvent>;
/** What an event says of who sent the payload. */
export type Sender = Pick<NonNullable<WebhookEvent["checkin_event"]>, "udid" | "enrollment_id" | "ids">;

const text = z.string().nullish().catch(null);

/** The keys that name an enrolment in whatever a device sends. */
const enrollmentKeys = {
  UDID: text,
  EnrollmentID: text,
  UserID: text,
  EnrollmentUserID: text,
  UserShortName: text,
  UserLongName: text,
};

const deviceKeys = { SerialNumber: text, DeviceName: text, ProductName: text, Model: text };

/** A check-in: Authenticate, TokenUpdate, CheckOut. */
export const checkin = z.looseObject({ ...enrollmentKeys, ...deviceKeys });

export type Checkin = z.infer<typeof checkin>;

const errorChain = z.array(
  z.looseObject({
    ErrorCode: z.union([z.number(), z.string()]).nullish(),
    ErrorDomain: text,
    LocalizedDescription: text,
    USEnglishDescription: text,
  }),
);

/** A device's reply to a command. */
export const reply = z.looseObject({
  ...enrollmentKeys,
  Status: text,
  ErrorChain: errorChain.nullish().catch(null),
  /** Of InstallApplication. */
  State: text,
  RejectionReason: text,
  /** Of ManagedApplicationList: by bundle id. */
  ManagedApplicationList: z.record(z.string(), z.looseObject({ Status: text })).nullish(),
  /** Of DeviceInformation, which others ask for. */
  QueryResponses: z
    .looseObject({ UDID: text, ...deviceKeys })
    .nullish()
    .catch(null),
});

export type Reply = z.infer<typeof reply>;
