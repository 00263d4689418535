export interface DigestParts {
  /** `ScopeId_` and the site's id. */
  readonly scope: string;
  readonly name: string;
  readonly deploymentTypeName: string;
  readonly title: string;
  readonly adamId: string;
}

const NAMESPACE = "http://schemas.microsoft.com/SystemCenterConfigurationManager/2009/AppMgmtDigest";
const TECHNOLOGY = "iOSDeepLink";
/** What has no place in one line of XML: control characters, halves of characters. */
const UNSPEAKABLE = /[\p{Cc}\p{Cs}\ufffe\uffff]/gu;

/**
 * The description of an application with one deployment type, a link to the App Store. The shape is the product's
 * AppMgmtDigest; the deployment type of former mobile device management is not documented, and is kept as short as it can be.
 */
export function applicationDigest({ scope, name, deploymentTypeName, title, adamId }: DigestParts): string {
  const id = (logicalName: string) =>
    `AuthoringScopeId="${escaped(scope)}" LogicalName="${escaped(logicalName)}" Version="1"`;
  const text = escaped(title);
  return `<?xml version="1.0" encoding="utf-16"?>
<AppMgmtDigest xmlns="${NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <Application ${id(name)}>
    <DisplayInfo DefaultLanguage="en-US">
      <Info Language="en-US"><Title>${text}</Title></Info>
    </DisplayInfo>
    <DeploymentTypes>
      <DeploymentType ${id(deploymentTypeName)}/>
    </DeploymentTypes>
    <Title ResourceId="Res_Title">${text}</Title>
    <AutoInstall>true</AutoInstall>
  </Application>
  <DeploymentType ${id(deploymentTypeName)}>
    <Title ResourceId="Res_TypeTitle">App Store</Title>
    <DeploymentTechnology>GLOBAL/${TECHNOLOGY}DeploymentTechnology</DeploymentTechnology>
    <Technology>${TECHNOLOGY}</Technology>
    <Hosting>Native</Hosting>
    <Installer Technology="${TECHNOLOGY}">
      <CustomData><PackageUrl>https://apps.apple.com/app/id${escaped(adamId)}</PackageUrl></CustomData>
    </Installer>
  </DeploymentType>
</AppMgmtDigest>`;
}

function escaped(text: string): string {
  return text
    .replaceAll(UNSPEAKABLE, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
