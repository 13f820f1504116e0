interface Component {
  'bom-ref': string;
  name: string;
  version: string;
  purl?: string;
}

interface Sbom {
  metadata: { component: Component };
  components: Component[];
  dependencies: { ref: string; dependsOn?: string[] }[];
}

export function shippedIn(text: string): Set<string>;
export function shippedOnly(sbom: Sbom, bundled: Set<string>, name: string): Sbom;
