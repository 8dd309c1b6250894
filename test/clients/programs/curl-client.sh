# curl as it is: -d says that a body is a form, a large body is announced by `Expect: 100-continue`.
people=$1 digits=$2
row='{"inputs":[{"name":"age","shape":[1],"datatype":"FP64","data":[30]},{"name":"city","shape":[1],"datatype":"BYTES","data":["Graz"]}]}'
picture='{"inputs":[{"name":"pixels","shape":[1,28,28,1],"datatype":"FP32","data":['$(seq -s, 784)']}]}'

step() {
  name=$1; shift
  said=$(curl -sS -w '\n%{http_code}' "$@" 2>&1)
  code=${said##*$'\n'}
  outcome=Refused; [ "$code" = 200 ] && outcome=Answered
  said=$(printf %s "${said%$'\n'*}" | tr -d '\r\n' | cut -c1-300 | sed 's/\\/\\\\/g; s/"/\\"/g')
  printf '{"step":"%s","outcome":"%s","said":"%s"}\n' "$name" "$outcome" "$said"
}

step "live" "http://$people/v2/health/live"
step "ready" "http://$people/v2/models/people/ready"
step "ready by HEAD" -I "http://$people/v2/health/ready"
step "metadata" "http://$people/v2/models/people"
step "infer people" -d "$row" "http://$people/v2/models/people/infer"
step "infer people, compressed answers welcome" --compressed -H 'content-type: application/json; charset=utf-8' -d "$row" "http://$people/v2/models/people/infer"
step "infer people by gzip" -H 'content-encoding: gzip' --data-binary @<(printf %s "$row" | gzip) "http://$people/v2/models/people/infer"
step "infer digits, announced" -H 'expect: 100-continue' -d "$picture" "http://$digits/v2/models/digits/infer"
step "infer digits" -d "$picture" "http://$digits/v2/models/digits/infer"
step "infer people by HTTP/1.0" --http1.0 -d "$row" "http://$people/v2/models/people/infer"
step "infer people in chunks" -H 'transfer-encoding: chunked' -d "$row" "http://$people/v2/models/people/infer"
step "refuse a missing input" -d '{"inputs":[]}' "http://$people/v2/models/people/infer"
step "refuse a form" -d 'age=1' "http://$people/v2/models/people/infer"
step "refuse a file" -F 'a=1' "http://$people/v2/models/people/infer"
step "refuse another compression" -H 'content-encoding: zstd' -d "$row" "http://$people/v2/models/people/infer"
step "refuse another model" -d "$row" "http://$people/v2/models/People/infer"
step "refuse GET" "http://$people/v2/models/people/infer"
