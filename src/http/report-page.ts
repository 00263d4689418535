/** What `/report.csv` asks of the API, page by page. */
export const REPORT_PAGE = `query ReportCsv($token: ID, $productType: ProductType, $first: Int!, $after: String) {
  licenseReport(token: $token, productType: $productType) {
    apps(first: $first, after: $after) {
      nodes { name adamId token { name } bought assigned held free waiting retired unlimited countsAt }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;
