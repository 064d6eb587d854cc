import ca.uhn.hl7v2.AcknowledgmentCode;
import ca.uhn.hl7v2.DefaultHapiContext;
import ca.uhn.hl7v2.HL7Exception;
import ca.uhn.hl7v2.HapiContext;
import ca.uhn.hl7v2.app.Connection;
import ca.uhn.hl7v2.app.HL7Service;
import ca.uhn.hl7v2.llp.MinLowerLayerProtocol;
import ca.uhn.hl7v2.model.Message;
import ca.uhn.hl7v2.protocol.ReceivingApplication;
import ca.uhn.hl7v2.util.Terser;
import ca.uhn.hl7v2.util.idgenerator.InMemoryIDGenerator;
import ca.uhn.hl7v2.validation.impl.ValidationContextFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

// HAPI HL7v2 as client and as server.
//   HapiHl7 send HOST PORT FILE...   one connection; prints MSA-1 and MSA-2 of each answer
//   HapiHl7 serve PORT               answers until it is ended, as tests/interop/mllp_servers/wanted.js says
public final class HapiHl7 {
    private static final long LATE_MS = 2000;

    public static void main(String[] arguments) throws Exception {
        HapiContext context = new DefaultHapiContext();
        context.setValidationContext(ValidationContextFactory.noValidation());
        MinLowerLayerProtocol utf8 = new MinLowerLayerProtocol();
        utf8.setCharset(StandardCharsets.UTF_8);
        context.setLowerLayerProtocol(utf8);
        context.getParserConfiguration().setIdGenerator(new InMemoryIDGenerator()); // else it writes a file id_file
        if (arguments[0].equals("send")) {
            send(context, arguments);
            context.close();
        } else {
            serve(context, Integer.parseInt(arguments[1]));
        }
    }

    private static void send(HapiContext context, String[] arguments) throws Exception {
        Connection connection = context.newClient(arguments[1], Integer.parseInt(arguments[2]), false);
        connection.getInitiator().setTimeout(10, TimeUnit.SECONDS);
        for (int i = 3; i < arguments.length; ++i) {
            Message message = context.getPipeParser().parse(Files.readString(Path.of(arguments[i])));
            Terser answer = new Terser(connection.getInitiator().sendAndReceive(message));
            System.out.println("MSA|" + answer.get("/MSA-1") + "|" + answer.get("/MSA-2"));
        }
        connection.close();
    }

    private static void serve(HapiContext context, int port) throws Exception {
        HL7Service server = context.newServer(port, false);
        server.registerApplication("*", "*", new Answering(server));
        server.startAndWait();
        server.waitForTermination();
    }

    private static final class Answering implements ReceivingApplication<Message> {
        private final HL7Service server;
        private final Set<String> seen = new HashSet<>();

        Answering(HL7Service server) {
            this.server = server;
        }

        @Override
        public boolean canProcess(Message message) {
            return true;
        }

        @Override
        public synchronized Message processMessage(Message message, Map<String, Object> metadata) throws HL7Exception {
            Terser header = new Terser(message);
            String facility = header.get("/MSH-6");
            try {
                if ("NEGATIVE".equals(facility))
                    return message.generateACK(AcknowledgmentCode.AE, null);
                boolean odd = "LATE".equals(facility) || "CLOSE".equals(facility);
                if (odd && seen.add(header.get("/MSH-10"))) {
                    if (facility.equals("LATE"))
                        Thread.sleep(LATE_MS);
                    else
                        for (Connection one : server.getRemoteConnections())
                            one.close();
                }
                return message.generateACK();
            } catch (IOException | InterruptedException failure) {
                throw new HL7Exception(failure);
            }
        }
    }
}
