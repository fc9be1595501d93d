package io.sluice.tls;

import io.sluice.file.RegularFiles;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CRL;
import java.security.cert.CRLException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.PKIXRevocationChecker.Option;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How to check whether the issuer of a certificate has revoked it: by lists of revoked certificates (CRL, RFC 5280),
 * and by the issuer's responder (OCSP, RFC 6960), both as the JVM does it. With both, the lists come first, and the
 * responder is asked if they say nothing.
 *
 * @param lists a file of lists, or a folder of such files
 * @param ocsp whether the responder that a certificate names is asked
 */
public record Revocation(Optional<Path> lists, Ocsp ocsp) {

    public static final Revocation NONE = new Revocation(Optional.empty(), Ocsp.NONE);

    /** Whether a responder is asked, and what its silence means. */
    public enum Ocsp {
        /** It is not asked. */
        NONE,
        /** It is asked; a certificate that can be checked nowhere is accepted. */
        SOFT,
        /** It is asked; a certificate that can be checked nowhere is refused. */
        REQUIRED
    }

    /** Whether anything is checked. */
    public boolean isChecked() {
        return lists.isPresent() || ocsp != Ocsp.NONE;
    }

    /** How certificates of some issuers are checked, with the lists as they are now. */
    PKIXBuilderParameters parameters(X509Certificate... issuers) throws GeneralSecurityException {
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(
                Arrays.stream(issuers)
                        .map(issuer -> new TrustAnchor(issuer, null))
                        .collect(Collectors.toSet()),
                new X509CertSelector());
        PKIXRevocationChecker checker =
                (PKIXRevocationChecker) CertPathBuilder.getInstance("PKIX").getRevocationChecker();
        checker.setOptions(options());
        parameters.addCertPathChecker(checker);
        if (lists.isPresent()) {
            parameters.addCertStore(
                    CertStore.getInstance("Collection", new CollectionCertStoreParameters(read(lists.get()))));
        }
        return parameters;
    }

    private Set<Option> options() {
        Set<Option> options = EnumSet.noneOf(Option.class);
        if (lists.isPresent()) {
            options.add(Option.PREFER_CRLS);
        }
        if (lists.isEmpty() || ocsp == Ocsp.NONE) {
            options.add(Option.NO_FALLBACK);
        }
        if (ocsp == Ocsp.SOFT) {
            options.add(Option.SOFT_FAIL);
        }
        return options;
    }

    /**
     * The lists in a file, as PEM or DER, or in the files of a folder; at least one.
     *
     * @throws CRLException if they cannot be read; the message says which, and why
     */
    public static List<CRL> read(Path place) throws GeneralSecurityException {
        try {
            List<CRL> read = new ArrayList<>();
            for (Path file : Files.isDirectory(place) ? RegularFiles.of(place) : List.of(place)) {
                try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
                    read.addAll(CertificateFactory.getInstance("X.509").generateCRLs(in));
                }
            }
            if (read.isEmpty()) {
                throw new CRLException("it holds no revocation list");
            }
            return read;
        } catch (IOException | CRLException e) {
            throw new CRLException("the revocation lists " + place + " cannot be read: " + e.getMessage(), e);
        }
    }
}
