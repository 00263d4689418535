/** A request as the AdminService gets it, without proof of who asks. */
export interface PlainRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One way to prove who asks. */
export interface SignIn {
  /**
   * Sends a request with the proof. An answer of 401 means that the proof was refused.
   * @throws PluginError.
   */
  send(request: PlainRequest, signal: AbortSignal): Promise<Response>;
  /** Texts that no error may show, as they are at the moment. */
  secrets(): readonly string[];
}
