/** What a device asks Apple's store before it installs an app. */
export interface Store {
  /** Undefined for an app that the store does not have. */
  bundleIdOf(adamId: string): Promise<string | undefined>;
  /** Whether a licence lets this device, or the person who is signed in on it, have the app. */
  hasLicense(
    device: { readonly serialNumber: string; readonly account: string | null },
    adamId: string,
  ): Promise<boolean>;
}

/** A store that has every app, `com.example.app<adamId>`, for everybody. */
export const openStore: Store = {
  bundleIdOf: async (adamId) => `com.example.app${adamId}`,
  hasLicense: async () => true,
};

interface AppleState {
  readonly locations: readonly {
    readonly assets: readonly { readonly adamId: string; readonly bundleId: string | null }[];
    readonly assignments: readonly {
      readonly adamId: string;
      readonly serialNumber?: string;
      readonly clientUserId?: string;
    }[];
    readonly users: readonly { readonly clientUserId: string; readonly email?: string; readonly status: string }[];
  }[];
}

/** The store of an Apple simulator, asked over its control plane. */
export function appleStore(controlUrl: string): Store {
  const ask = async () => {
    const answer = await fetch(`${controlUrl.replace(/\/+$/, "")}/state?limit=1000000`);
    if (!answer.ok) throw new Error(`The Apple simulator at ${controlUrl} answered ${answer.status}.`);
    return ((await answer.json()) as AppleState).locations;
  };
  return {
    async bundleIdOf(adamId) {
      const assets = (await ask()).flatMap((location) => location.assets);
      return assets.find((asset) => asset.adamId === adamId)?.bundleId ?? undefined;
    },
    async hasLicense({ serialNumber, account }, adamId) {
      return (await ask()).some(({ assignments, users }) => {
        const theirs = users.filter(({ email, status }) => email === account && status === "Associated");
        const isTheirs = (clientUserId: string) => theirs.some((user) => user.clientUserId === clientUserId);
        return assignments.some(
          (held) =>
            held.adamId === adamId &&
            (held.serialNumber === serialNumber || (held.clientUserId !== undefined && isTheirs(held.clientUserId))),
        );
      });
    },
  };
}
