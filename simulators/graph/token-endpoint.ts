import { AssertionError, checkAssertion } from "./client-assertion.js";
import { type Answer, json } from "./protocol/answer.js";
import type { World } from "./world.js";

export const TOKEN_PATH = /^\/([^/]+)\/oauth2\/v2\.0\/token$/;

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** Client credentials, by secret or by certificate. */
export function answerTokenRequest(world: World, tenant: string, origin: string, form: URLSearchParams): Answer {
  const { registration } = world;
  if (tenant !== registration.tenantId)
    return refused(400, "invalid_request", "AADSTS90002", `Tenant '${tenant}' not found.`);
  if (form.get("grant_type") !== "client_credentials") {
    return refused(400, "unsupported_grant_type", "AADSTS70003", "The grant type is not supported.");
  }
  if (form.get("client_id") !== registration.clientId) {
    return refused(400, "unauthorized_client", "AADSTS700016", "Application was not found in the directory.");
  }
  const scope = form.get("scope") ?? "";
  if (!scope.endsWith("/.default"))
    return refused(400, "invalid_scope", "AADSTS1002012", "The scope must end with /.default.");
  const problem = credentialProblem(world, `${origin}/${tenant}/oauth2/v2.0/token`, form);
  if (problem) return refused(401, "invalid_client", problem.split(":")[0] ?? "", problem.replace(/^[^:]*: /, ""));
  const { token, expiresIn } = world.accessTokens.issue(scope.slice(0, -"/.default".length));
  return json({ token_type: "Bearer", expires_in: expiresIn, ext_expires_in: expiresIn, access_token: token });
}

function credentialProblem({ registration }: World, audience: string, form: URLSearchParams): string | null {
  const assertion = form.get("client_assertion");
  if (assertion === null) {
    return form.get("client_secret") === registration.clientSecret
      ? null
      : "AADSTS7000215: Invalid client secret provided.";
  }
  if (form.get("client_assertion_type") !== ASSERTION_TYPE) return "AADSTS50027: The client assertion type is wrong.";
  try {
    checkAssertion(assertion, registration, audience);
    return null;
  } catch (error) {
    if (error instanceof AssertionError) return error.message;
    throw error;
  }
}

function refused(status: number, error: string, code: string, text: string): Answer {
  const trace = "00000000-0000-0000-0000-000000000001";
  return json(
    {
      error,
      error_description: `${code}: ${text} Trace ID: ${trace} Correlation ID: ${trace}`,
      error_codes: [Number(code.replace(/\D/g, ""))],
      timestamp: new Date().toISOString(),
      trace_id: trace,
      correlation_id: trace,
    },
    status,
  );
}
