#!/bin/busybox sh
# shellcheck shell=dash
# Process 1 of the machine that boot.py starts: the probe against peers, on a kernel of its own. Each case is told as
# "--- NAME", what was said, and "=> STATUS".
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
ip link set lo up
export KUBERNETES_SERVICE_HOST=x # a container, of which more is told

ask() {
  printf '\n--- %s\n' "$1" # on a line of its own, whatever the firmware or the kernel wrote before
  shift
  "$@"
  echo "=> $?"
}

httpd -p 127.0.0.1:8000 -h /www
/peers 8001 &
sleep 1

ask version /probe --version
ask live /probe live http://127.0.0.1:8000/health
ask IPv6 /probe live 'tcp://[::1]:8004'
ask number /probe live --expect-json /n=0.1 http://127.0.0.1:8000/health
ask 'another number' /probe live --expect-json /n=0.2 http://127.0.0.1:8000/health
ask 'refused, by /proc' /probe live http://127.0.0.1:9/
for module in inet_diag tcp_diag unix_diag; do
  [ ! -f /modules/$module.ko ] || insmod /modules/$module.ko
done
ask 'refused, by sock_diag' /probe live http://127.0.0.1:9/
ask silent /probe live --timeout 1s http://127.0.0.1:8001/
ask 'half an answer' /probe live --timeout 1s http://127.0.0.1:8002/
ask 'full queue' /probe live --timeout 1s tcp://127.0.0.1:8003
ask 'silent Redis' /probe ready --timeout 1s redis://127.0.0.1:8001/
ask wait /probe ready --wait 5s http://127.0.0.1:8000/health -- /bin/busybox echo started
ask doctor /probe doctor http://127.0.0.1:8000/health
ask 'doctor in JSON' /probe doctor -o json http://127.0.0.1:8000/health
poweroff -f
