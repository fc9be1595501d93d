package io.sluice.assembly;

import io.sluice.testkit.FreePort;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** JMX of another process on this machine, which listens on a port. */
record RemoteJmx(int port) {

    static RemoteJmx onFreePort() {
        return new RemoteJmx(FreePort.next());
    }

    /** With these its Java virtual machine listens there. */
    List<String> jvmOptions() {
        return List.of(
                "-Dcom.sun.management.jmxremote.port=" + port,
                "-Dcom.sun.management.jmxremote.rmi.port=" + port,
                "-Dcom.sun.management.jmxremote.host=127.0.0.1",
                "-Dcom.sun.management.jmxremote.authenticate=false",
                "-Dcom.sun.management.jmxremote.ssl=false",
                "-Djava.rmi.server.hostname=127.0.0.1");
    }

    /** The names that fit a pattern. */
    Set<ObjectName> names(String pattern) throws IOException, JMException {
        try (JMXConnector connector = connect()) {
            return connector.getMBeanServerConnection().queryNames(new ObjectName(pattern), null);
        }
    }

    /** The value of an attribute. */
    Object value(String name, String attribute) throws IOException, JMException {
        try (JMXConnector connector = connect()) {
            MBeanServerConnection server = connector.getMBeanServerConnection();
            return server.getAttribute(new ObjectName(name), attribute);
        }
    }

    @SuppressWarnings("BanJNDI") // the address is not anybody's to choose
    private JMXConnector connect() throws IOException {
        return JMXConnectorFactory.connect(
                new JMXServiceURL("service:jmx:rmi:///jndi/rmi://127.0.0.1:" + port + "/jmxrmi"));
    }
}
