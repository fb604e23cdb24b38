# Asks the Prometheus of this host what it asks, and which rules it has. $1… are for the script before it.
http_get 127.0.0.1 9090 '/api/v1/targets?state=active' | file_section asked
http_get 127.0.0.1 9090 /api/v1/rules | file_section loaded
