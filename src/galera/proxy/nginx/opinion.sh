# Sections with the nodes to which nginx sends clients: what its follower wrote, once nginx has read it.
state=/var/lib/galactl-nginx
if systemctl is-active --quiet nginx.service && systemctl is-active --quiet galactl-nginx.service &&
    [ -e "$state/read.conf" ] && [ ! -e "$state/unread" ]; then
    sed -n 's/^server .*; # //p' "$state/read.conf" | section takes
    sed -n '/ backup;/d; s/^server .*; # //p' "$state/write.conf" | section writers
fi
