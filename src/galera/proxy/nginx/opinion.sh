# Sections with the nodes to which nginx sends clients: what its follower wrote, and nginx has read. That holds also while
# the follower does not run.
loaded=/run/galactl-nginx/loaded
if systemctl is-active --quiet nginx.service && [ -e "$loaded/read.conf" ]; then
    sed -n 's/^server .*; # //p' "$loaded/read.conf" | section takes
    sed -n '/ backup;/d; s/^server .*; # //p' "$loaded/write.conf" | section writers
fi
