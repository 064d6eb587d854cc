// The data types of R4 and Extension. The form of a row is explained in element_tables.hpp.
#include "fhir/element_tables.hpp"

namespace auditgate::fhir {

namespace {

constexpr type_row rows[] = {
    {"Address", "use type text line* city district state postalCode country period:Period"},
    {"Age", "value:# comparator unit system code"},
    {"Annotation", "authorReference:Reference authorString time text"},
    {"Attachment", "contentType language data url size:# hash title creation"},
    {"CodeableConcept", "coding:Coding* text"},
    {"Coding", "system version code display userSelected:?"},
    {"ContactDetail", "name telecom:ContactPoint*"},
    {"ContactPoint", "system value use rank:# period:Period"},
    {"Dosage", "sequence:# text additionalInstruction:CodeableConcept* patientInstruction timing:Timing"
               " asNeededBoolean:? asNeededCodeableConcept:CodeableConcept site:CodeableConcept"
               " route:CodeableConcept method:CodeableConcept doseAndRate:Dosage_DoseAndRate*"
               " maxDosePerPeriod:Ratio maxDosePerAdministration:Quantity maxDosePerLifetime:Quantity"},
    {"Dosage_DoseAndRate",
     "type:CodeableConcept doseRange:Range doseQuantity:Quantity rateRatio:Ratio rateRange:Range"
     " rateQuantity:Quantity"},
    {"Duration", "value:# comparator unit system code"},
    {"Element", ""}, // what stands beside the value of a primitive
    {"Extension",
     "url valueBase64Binary valueBoolean:? valueCanonical valueCode valueDate valueDateTime"
     " valueDecimal:# valueId valueInstant valueInteger:# valueMarkdown valueOid valuePositiveInt:#"
     " valueString valueTime valueUnsignedInt:# valueUri valueUrl valueUuid valueAddress:Address"
     " valueAge:Age valueAnnotation:Annotation valueAttachment:Attachment"
     " valueCodeableConcept:CodeableConcept valueCoding:Coding valueContactPoint:ContactPoint"
     " valueDuration:Duration valueHumanName:HumanName valueIdentifier:Identifier valuePeriod:Period"
     " valueQuantity:Quantity valueRange:Range valueRatio:Ratio valueReference:Reference"
     " valueSampledData:SampledData valueSignature:Signature valueTiming:Timing"
     " valueContactDetail:ContactDetail valueUsageContext:UsageContext valueDosage:Dosage"},
    {"HumanName", "use text family given* prefix* suffix* period:Period"},
    {"Identifier", "use type:CodeableConcept system value period:Period assigner:Reference"},
    {"Meta", "versionId lastUpdated source profile* security:Coding* tag:Coding*"},
    {"Narrative", "status div"},
    {"Period", "start end"},
    {"Quantity", "value:# comparator unit system code"},
    {"Range", "low:Quantity high:Quantity"},
    {"Ratio", "numerator:Quantity denominator:Quantity"},
    {"Reference", "reference type identifier:Identifier display"},
    {"SampledData", "origin:Quantity period:# factor:# lowerLimit:# upperLimit:# dimensions:# data"},
    {"Signature", "type:Coding* when who:Reference onBehalfOf:Reference targetFormat sigFormat data"},
    {"Timing", "event* repeat:Timing_Repeat code:CodeableConcept"},
    {"Timing_Repeat",
     "boundsDuration:Duration boundsRange:Range boundsPeriod:Period count:# countMax:# duration:#"
     " durationMax:# durationUnit frequency:# frequencyMax:# period:# periodMax:# periodUnit dayOfWeek*"
     " timeOfDay* when* offset:#"},
    {"UsageContext",
     "code:Coding valueCodeableConcept:CodeableConcept valueQuantity:Quantity valueRange:Range"
     " valueReference:Reference"},
};

} // namespace

std::span<const type_row> rows_of_data_types() {
    return rows;
}

} // namespace auditgate::fhir
