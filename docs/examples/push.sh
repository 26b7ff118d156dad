#!/bin/sh
# Push posts to the desk with curl and openssl.
#
#   export TINGLAN_URL=https://desk.example.com TINGLAN_KEY=tlk_… TINGLAN_SECRET=whsec_…
#   sh push.sh posts.json
#
# posts.json is {"posts": [...]}, at most 500. The same file has the same webhook-id, so pushing it again is harmless.
set -eu

file=$1
id=msg_$(openssl dgst -sha256 -r "$file" | cut -d' ' -f1)
timestamp=$(date +%s)

# The secret is base64 behind "whsec_"; openssl takes the key in hex.
key=$(printf %s "${TINGLAN_SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
signature=$({ printf '%s.%s.' "$id" "$timestamp"; cat "$file"; } |
	openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)

# The key goes in by a file descriptor, so it is not seen in the list of processes.
curl --silent --show-error --fail-with-body --max-time 60 --retry 5 \
	--config - --data-binary "@$file" "${TINGLAN_URL%/}/api/v1/posts/" <<END
header = "Authorization: Bearer $TINGLAN_KEY"
header = "Content-Type: application/json"
header = "webhook-id: $id"
header = "webhook-timestamp: $timestamp"
header = "webhook-signature: v1,$signature"
END
