package org.evbilling.spark;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.auth.SaslExtensionsCallback;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerTokenCallback;

/** Gives Kafka's client its tokens of Microsoft Entra ID, which the kernel asks for. The client itself says when one is to be renewed. */
public final class EntraLogin implements AuthenticateCallbackHandler {
    private byte[] scope;

    @Override
    public void configure(Map<String, ?> settings, String mechanism, List<AppConfigurationEntry> login) {
        scope = String.valueOf(login.get(0).getOptions().get("scope")).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void handle(Callback[] callbacks) throws UnsupportedCallbackException {
        for (Callback callback : callbacks) {
            if (callback instanceof OAuthBearerTokenCallback) {
                give((OAuthBearerTokenCallback) callback);
            } else if (!(callback instanceof SaslExtensionsCallback)) {
                throw new UnsupportedCallbackException(callback);
            }
        }
    }

    @Override
    public void close() {
    }

    private void give(OAuthBearerTokenCallback wanted) {
        try {
            ByteBuffer answer = Kernel.tokenFor(scope);
            long expiresAtMs = answer.getLong();
            wanted.token(new Token(StandardCharsets.UTF_8.decode(answer).toString(), Set.of(), expiresAtMs, "evbilling", System.currentTimeMillis()));
        } catch (KernelException e) {
            wanted.error("no_token", e.getMessage(), null);
        }
    }

    private record Token(String value, Set<String> scope, long lifetimeMs, String principalName, Long startTimeMs) implements OAuthBearerToken {
        /** The token is a secret, whatever prints this. */
        @Override
        public String toString() {
            return "token";
        }
    }
}
