//! What `/metrics` says of the API's answers.

use reqwest::Method;

use crate::gateway::world;

#[tokio::test(flavor = "multi_thread")]
async fn how_long_answers_take_is_there_as_quantiles_and_nobody_invents_a_series() {
    let world = world().await;
    let invented = Method::from_bytes(b"INVENTED").unwrap();
    for method in [Method::GET, invented] {
        let asked = world.request(method, "/api/v1/versions", "");
        asked.send().await.unwrap();
    }
    let url = format!("http://{}/metrics", world.gateway.internal_addr);
    let page = reqwest::get(url).await.unwrap().text().await.unwrap();
    for quantile in ["0.5", "0.95", "0.99"] {
        for method in ["GET", "other"] {
            let line =
                format!("labyard_api_seconds{{method=\"{method}\",quantile=\"{quantile}\"}} ");
            let took = page.lines().find_map(|text| text.strip_prefix(&line));
            assert!(took.unwrap().parse::<f64>().unwrap() > 0.0, "{line}");
        }
    }
    let by_route = "http_server_request_duration_seconds_bucket{method=\"GET\"";
    assert!(page.contains(by_route), "{page}");
    assert!(!page.contains("INVENTED"), "{page}");
}
