#!/bin/sh
# Postfix of compose.yaml: takes mail for example.test, asks sekisho, and delivers into
# /var/mail. Port 10025, for releases of sekisho only, asks nobody.
set -eu
export DEBIAN_FRONTEND=noninteractive
if [ ! -x /usr/sbin/postfix ]; then
	echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends postfix >/dev/null
fi
touch /etc/postfix/main.cf
id you >/dev/null 2>&1 || useradd --create-home you
postconf -e 'compatibility_level = 3.6' 'alias_maps =' 'alias_database =' 'myhostname = mx.example.test' 'mydestination = example.test' \
	'smtpd_milters = inet:sekisho:8895' 'milter_default_action = tempfail' \
	'maillog_file = /dev/stdout' 'inet_protocols = ipv4' 'smtpd_relay_restrictions = reject_unauth_destination'
# In its chroot smtpd would find neither resolv.conf nor the name sekisho, and answer
# 451 to everybody; the container is the jail.
postconf -F '*/*/chroot=n'
postconf -M '10025/inet=10025 inet n - n - 10 smtpd'
postconf -P '10025/inet/smtpd_milters=' '10025/inet/smtpd_client_restrictions=permit_mynetworks,reject' \
	'10025/inet/mynetworks=10.0.0.0/8,172.16.0.0/12,192.168.0.0/16'
postconf -M 'postlog/unix-dgram=postlog unix-dgram n - n - 1 postlogd'
exec postfix start-fg
