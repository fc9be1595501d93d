package io.sluice.broker.access;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * Which user a client certificate stands for. Immutable and thread-safe.
 *
 * @param source which name of the certificate
 * @param rules make the user name of it
 */
public record CertificateNames(Source source, PrincipalRules rules) {

    /** The name of a certificate that becomes the user name. */
    public enum Source {
        /** None: a certificate allows to connect, and does not say as whom. */
        NONE,
        /** The common name of its subject, the first one. */
        CN,
        /** The whole subject, as RFC 2253 writes it. */
        SUBJECT,
        /** The first DNS name among its alternative names. */
        SAN_DNS,
        /** The first e-mail address among them. */
        SAN_EMAIL,
        /** The first URI among them. */
        SAN_URI
    }

    /** A certificate stands for nobody in particular. */
    public static final CertificateNames NONE = new CertificateNames(Source.NONE, PrincipalRules.DEFAULT);

    private static final int EMAIL = 1;
    private static final int DNS = 2;
    private static final int URI = 6;

    /** The user; empty if the certificate has no such name, or no rule takes it. */
    Optional<String> user(X509Certificate certificate) {
        Optional<String> name = switch (source) {
            case NONE -> Optional.empty();
            case CN -> commonName(certificate);
            case SUBJECT -> Optional.of(subject(certificate));
            case SAN_DNS -> alternativeName(certificate, DNS);
            case SAN_EMAIL -> alternativeName(certificate, EMAIL);
            case SAN_URI -> alternativeName(certificate, URI);
        };
        return name.flatMap(rules::apply).filter(user -> !user.isEmpty());
    }

    public static String subject(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().getName();
    }

    /** The common name in the subject of a certificate: the most specific one, if there are several. */
    public static Optional<String> commonName(X509Certificate certificate) {
        try {
            List<Rdn> parts = new LdapName(subject(certificate)).getRdns();
            for (int i = parts.size() - 1; i >= 0; i--) {
                Rdn part = parts.get(i);
                if (part.getType().equalsIgnoreCase("CN") && part.getValue() instanceof String name) {
                    return Optional.of(name);
                }
            }
            return Optional.empty();
        } catch (InvalidNameException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> alternativeName(X509Certificate certificate, int type) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null
                    ? Optional.empty()
                    : names.stream()
                            .filter(name -> Integer.valueOf(type).equals(name.get(0)))
                            .map(name -> String.valueOf(name.get(1)))
                            .findFirst();
        } catch (CertificateParsingException e) {
            return Optional.empty();
        }
    }
}
