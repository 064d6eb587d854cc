// The resources of R4 that a reader here meets, and their backbone elements. The form of a row is explained in
// element_tables.hpp.
#include "fhir/element_tables.hpp"

namespace auditgate::fhir {

namespace {

constexpr type_row rows[] = {
    {"AdverseEvent",
     "identifier:Identifier actuality category:CodeableConcept* event:CodeableConcept subject:Reference"
     " encounter:Reference date detected recordedDate resultingCondition:Reference* location:Reference"
     " seriousness:CodeableConcept severity:CodeableConcept outcome:CodeableConcept recorder:Reference"
     " contributor:Reference* suspectEntity:AdverseEvent_SuspectEntity* subjectMedicalHistory:Reference*"
     " referenceDocument:Reference* study:Reference*"},
    {"AdverseEvent_Causality",
     "assessment:CodeableConcept productRelatedness author:Reference method:CodeableConcept"},
    {"AdverseEvent_SuspectEntity", "instance:Reference causality:AdverseEvent_Causality*"},
    {"Appointment",
     "identifier:Identifier* status cancelationReason:CodeableConcept serviceCategory:CodeableConcept*"
     " serviceType:CodeableConcept* specialty:CodeableConcept* appointmentType:CodeableConcept"
     " reasonCode:CodeableConcept* reasonReference:Reference* priority:# description"
     " supportingInformation:Reference* start end minutesDuration:# slot:Reference* created comment"
     " patientInstruction basedOn:Reference* participant:Appointment_Participant*"
     " requestedPeriod:Period*"},
    {"Appointment_Participant", "type:CodeableConcept* actor:Reference required status period:Period"},
    {"BodyStructure", "identifier:Identifier* active:? morphology:CodeableConcept location:CodeableConcept"
                      " locationQualifier:CodeableConcept* description image:Attachment* patient:Reference"},
    {"Bundle", "identifier:Identifier type timestamp total:# link:Bundle_Link* entry:Bundle_Entry*"
               " signature:Signature"},
    {"Bundle_Entry", "link:Bundle_Link* fullUrl resource:Resource search:Bundle_Search request:Bundle_Request"
                     " response:Bundle_Response"},
    {"Bundle_Link", "relation url"},
    {"Bundle_Request", "method url ifNoneMatch ifModifiedSince ifMatch ifNoneExist"},
    {"Bundle_Response", "status location etag lastModified outcome:Resource"},
    {"Bundle_Search", "mode score:#"},
    {"Composition",
     "identifier:Identifier status type:CodeableConcept category:CodeableConcept* subject:Reference"
     " encounter:Reference date author:Reference* title confidentiality attester:Composition_Attester*"
     " custodian:Reference relatesTo:Composition_RelatesTo* event:Composition_Event*"
     " section:Composition_Section*"},
    {"Composition_Attester", "mode time party:Reference"},
    {"Composition_Event", "code:CodeableConcept* period:Period detail:Reference*"},
    {"Composition_RelatesTo", "code targetIdentifier:Identifier targetReference:Reference"},
    {"Composition_Section", "title code:CodeableConcept author:Reference* focus:Reference text:Narrative mode"
                            " orderedBy:CodeableConcept entry:Reference* emptyReason:CodeableConcept"
                            " section:Composition_Section*"},
    {"Condition",
     "identifier:Identifier* clinicalStatus:CodeableConcept verificationStatus:CodeableConcept"
     " category:CodeableConcept* severity:CodeableConcept code:CodeableConcept bodySite:CodeableConcept*"
     " subject:Reference encounter:Reference onsetDateTime onsetAge:Age onsetPeriod:Period"
     " onsetRange:Range onsetString abatementDateTime abatementAge:Age abatementPeriod:Period"
     " abatementRange:Range abatementString recordedDate recorder:Reference asserter:Reference"
     " stage:Condition_Stage* evidence:Condition_Evidence* note:Annotation*"},
    {"Condition_Evidence", "code:CodeableConcept* detail:Reference*"},
    {"Condition_Stage", "summary:CodeableConcept assessment:Reference* type:CodeableConcept"},
    {"Consent",
     "identifier:Identifier* status scope:CodeableConcept category:CodeableConcept* patient:Reference"
     " dateTime performer:Reference* organization:Reference* sourceAttachment:Attachment"
     " sourceReference:Reference policy:Consent_Policy* policyRule:CodeableConcept"
     " verification:Consent_Verification* provision:Consent_Provision"},
    {"Consent_Actor", "role:CodeableConcept reference:Reference"},
    {"Consent_Data", "meaning reference:Reference"},
    {"Consent_Policy", "authority uri"},
    {"Consent_Provision",
     "type period:Period actor:Consent_Actor* action:CodeableConcept* securityLabel:Coding*"
     " purpose:Coding* class:Coding* code:CodeableConcept* dataPeriod:Period data:Consent_Data*"
     " provision:Consent_Provision*"},
    {"Consent_Verification", "verified:? verifiedWith:Reference verificationDate"},
    {"Device",
     "identifier:Identifier* definition:Reference udiCarrier:Device_UdiCarrier* status"
     " statusReason:CodeableConcept* distinctIdentifier manufacturer manufactureDate expirationDate"
     " lotNumber serialNumber deviceName:Device_DeviceName* modelNumber partNumber type:CodeableConcept"
     " specialization:Device_Specialization* version:Device_Version* property:Device_Property*"
     " patient:Reference owner:Reference contact:ContactPoint* location:Reference url note:Annotation*"
     " safety:CodeableConcept* parent:Reference"},
    {"DeviceUseStatement",
     "identifier:Identifier* basedOn:Reference* status subject:Reference derivedFrom:Reference*"
     " timingTiming:Timing timingPeriod:Period timingDateTime recordedOn source:Reference"
     " device:Reference reasonCode:CodeableConcept* reasonReference:Reference* bodySite:CodeableConcept"
     " note:Annotation*"},
    {"Device_DeviceName", "name type"},
    {"Device_Property", "type:CodeableConcept valueQuantity:Quantity* valueCode:CodeableConcept*"},
    {"Device_Specialization", "systemType:CodeableConcept version"},
    {"Device_UdiCarrier", "deviceIdentifier issuer jurisdiction carrierAIDC carrierHRF entryType"},
    {"Device_Version", "type:CodeableConcept component:Identifier value"},
    {"DiagnosticReport",
     "identifier:Identifier* basedOn:Reference* status category:CodeableConcept* code:CodeableConcept"
     " subject:Reference encounter:Reference effectiveDateTime effectivePeriod:Period issued"
     " performer:Reference* resultsInterpreter:Reference* specimen:Reference* result:Reference*"
     " imagingStudy:Reference* media:DiagnosticReport_Media* conclusion conclusionCode:CodeableConcept*"
     " presentedForm:Attachment*"},
    {"DiagnosticReport_Media", "comment link:Reference"},
    {"DocumentReference",
     "masterIdentifier:Identifier identifier:Identifier* status docStatus type:CodeableConcept"
     " category:CodeableConcept* subject:Reference date author:Reference* authenticator:Reference"
     " custodian:Reference relatesTo:DocumentReference_RelatesTo* description"
     " securityLabel:CodeableConcept* content:DocumentReference_Content*"
     " context:DocumentReference_Context"},
    {"DocumentReference_Content", "attachment:Attachment format:Coding"},
    {"DocumentReference_Context",
     "encounter:Reference* event:CodeableConcept* period:Period facilityType:CodeableConcept"
     " practiceSetting:CodeableConcept sourcePatientInfo:Reference related:Reference*"},
    {"DocumentReference_RelatesTo", "code target:Reference"},
    {"Encounter", "identifier:Identifier* status statusHistory:Encounter_StatusHistory* class:Coding"
                  " classHistory:Encounter_ClassHistory* type:CodeableConcept* serviceType:CodeableConcept"
                  " priority:CodeableConcept subject:Reference episodeOfCare:Reference* basedOn:Reference*"
                  " participant:Encounter_Participant* appointment:Reference* period:Period length:Duration"
                  " reasonCode:CodeableConcept* reasonReference:Reference* diagnosis:Encounter_Diagnosis*"
                  " account:Reference* hospitalization:Encounter_Hospitalization location:Encounter_Location*"
                  " serviceProvider:Reference partOf:Reference"},
    {"Encounter_ClassHistory", "class:Coding period:Period"},
    {"Encounter_Diagnosis", "condition:Reference use:CodeableConcept rank:#"},
    {"Encounter_Hospitalization",
     "preAdmissionIdentifier:Identifier origin:Reference admitSource:CodeableConcept"
     " reAdmission:CodeableConcept dietPreference:CodeableConcept* specialCourtesy:CodeableConcept*"
     " specialArrangement:CodeableConcept* destination:Reference dischargeDisposition:CodeableConcept"},
    {"Encounter_Location", "location:Reference status physicalType:CodeableConcept period:Period"},
    {"Encounter_Participant", "type:CodeableConcept* period:Period individual:Reference"},
    {"Encounter_StatusHistory", "status period:Period"},
    {"EpisodeOfCare",
     "identifier:Identifier* status statusHistory:EpisodeOfCare_StatusHistory* type:CodeableConcept*"
     " diagnosis:EpisodeOfCare_Diagnosis* patient:Reference managingOrganization:Reference period:Period"
     " referralRequest:Reference* careManager:Reference team:Reference* account:Reference*"},
    {"EpisodeOfCare_Diagnosis", "condition:Reference role:CodeableConcept rank:#"},
    {"EpisodeOfCare_StatusHistory", "status period:Period"},
    {"Flag", "identifier:Identifier* status category:CodeableConcept* code:CodeableConcept subject:Reference"
             " period:Period encounter:Reference author:Reference"},
    {"ImagingStudy",
     "identifier:Identifier* status modality:Coding* subject:Reference encounter:Reference started"
     " basedOn:Reference* referrer:Reference interpreter:Reference* endpoint:Reference* numberOfSeries:#"
     " numberOfInstances:# procedureReference:Reference procedureCode:CodeableConcept*"
     " location:Reference reasonCode:CodeableConcept* reasonReference:Reference* note:Annotation*"
     " description series:ImagingStudy_Series*"},
    {"ImagingStudy_Instance", "uid sopClass:Coding number:# title"},
    {"ImagingStudy_Performer", "function:CodeableConcept actor:Reference"},
    {"ImagingStudy_Series",
     "uid number:# modality:Coding description numberOfInstances:# endpoint:Reference* bodySite:Coding"
     " laterality:Coding specimen:Reference* started performer:ImagingStudy_Performer*"
     " instance:ImagingStudy_Instance*"},
    {"Location", "identifier:Identifier* status operationalStatus:Coding name alias* description mode"
                 " type:CodeableConcept* telecom:ContactPoint* address:Address physicalType:CodeableConcept"
                 " position:Location_Position managingOrganization:Reference partOf:Reference"
                 " hoursOfOperation:Location_HoursOfOperation* availabilityExceptions endpoint:Reference*"},
    {"Location_HoursOfOperation", "daysOfWeek* allDay:? openingTime closingTime"},
    {"Location_Position", "longitude:# latitude:# altitude:#"},
    {"Medication",
     "identifier:Identifier* code:CodeableConcept status manufacturer:Reference form:CodeableConcept"
     " amount:Ratio ingredient:Medication_Ingredient* batch:Medication_Batch"},
    {"MedicationAdministration",
     "identifier:Identifier* instantiates* partOf:Reference* status statusReason:CodeableConcept*"
     " category:CodeableConcept medicationCodeableConcept:CodeableConcept medicationReference:Reference"
     " subject:Reference context:Reference supportingInformation:Reference* effectiveDateTime"
     " effectivePeriod:Period performer:MedicationAdministration_Performer* reasonCode:CodeableConcept*"
     " reasonReference:Reference* request:Reference device:Reference* note:Annotation*"
     " dosage:MedicationAdministration_Dosage eventHistory:Reference*"},
    {"MedicationAdministration_Dosage",
     "text site:CodeableConcept route:CodeableConcept method:CodeableConcept dose:Quantity"
     " rateRatio:Ratio rateQuantity:Quantity"},
    {"MedicationAdministration_Performer", "function:CodeableConcept actor:Reference"},
    {"MedicationDispense",
     "identifier:Identifier* partOf:Reference* status statusReasonCodeableConcept:CodeableConcept"
     " statusReasonReference:Reference category:CodeableConcept"
     " medicationCodeableConcept:CodeableConcept medicationReference:Reference subject:Reference"
     " context:Reference supportingInformation:Reference* performer:MedicationDispense_Performer*"
     " location:Reference authorizingPrescription:Reference* type:CodeableConcept quantity:Quantity"
     " daysSupply:Quantity whenPrepared whenHandedOver destination:Reference receiver:Reference*"
     " note:Annotation* dosageInstruction:Dosage* substitution:MedicationDispense_Substitution"
     " detectedIssue:Reference* eventHistory:Reference*"},
    {"MedicationDispense_Performer", "function:CodeableConcept actor:Reference"},
    {"MedicationDispense_Substitution",
     "wasSubstituted:? type:CodeableConcept reason:CodeableConcept* responsibleParty:Reference*"},
    {"MedicationRequest",
     "identifier:Identifier* status statusReason:CodeableConcept intent category:CodeableConcept*"
     " priority doNotPerform:? reportedBoolean:? reportedReference:Reference"
     " medicationCodeableConcept:CodeableConcept medicationReference:Reference subject:Reference"
     " encounter:Reference supportingInformation:Reference* authoredOn requester:Reference"
     " performer:Reference performerType:CodeableConcept recorder:Reference reasonCode:CodeableConcept*"
     " reasonReference:Reference* instantiatesCanonical* instantiatesUri* basedOn:Reference*"
     " groupIdentifier:Identifier courseOfTherapyType:CodeableConcept insurance:Reference*"
     " note:Annotation* dosageInstruction:Dosage* dispenseRequest:MedicationRequest_DispenseRequest"
     " substitution:MedicationRequest_Substitution priorPrescription:Reference detectedIssue:Reference*"
     " eventHistory:Reference*"},
    {"MedicationRequest_DispenseRequest",
     "initialFill:MedicationRequest_InitialFill dispenseInterval:Duration validityPeriod:Period"
     " numberOfRepeatsAllowed:# quantity:Quantity expectedSupplyDuration:Duration performer:Reference"},
    {"MedicationRequest_InitialFill", "quantity:Quantity duration:Duration"},
    {"MedicationRequest_Substitution",
     "allowedBoolean:? allowedCodeableConcept:CodeableConcept reason:CodeableConcept"},
    {"MedicationStatement",
     "identifier:Identifier* basedOn:Reference* partOf:Reference* status statusReason:CodeableConcept*"
     " category:CodeableConcept medicationCodeableConcept:CodeableConcept medicationReference:Reference"
     " subject:Reference context:Reference effectiveDateTime effectivePeriod:Period dateAsserted"
     " informationSource:Reference derivedFrom:Reference* reasonCode:CodeableConcept*"
     " reasonReference:Reference* note:Annotation* dosage:Dosage*"},
    {"Medication_Batch", "lotNumber expirationDate"},
    {"Medication_Ingredient",
     "itemCodeableConcept:CodeableConcept itemReference:Reference isActive:? strength:Ratio"},
    {"MessageHeader", "eventCoding:Coding eventUri destination:MessageHeader_Destination* sender:Reference"
                      " enterer:Reference author:Reference source:MessageHeader_Source responsible:Reference"
                      " reason:CodeableConcept response:MessageHeader_Response focus:Reference* definition"},
    {"MessageHeader_Destination", "name target:Reference endpoint receiver:Reference"},
    {"MessageHeader_Response", "identifier code details:Reference"},
    {"MessageHeader_Source", "name software version contact:ContactPoint endpoint"},
    {"Observation",
     "identifier:Identifier* basedOn:Reference* partOf:Reference* status category:CodeableConcept*"
     " code:CodeableConcept subject:Reference focus:Reference* encounter:Reference effectiveDateTime"
     " effectivePeriod:Period effectiveTiming:Timing effectiveInstant issued performer:Reference*"
     " valueQuantity:Quantity valueCodeableConcept:CodeableConcept valueString valueBoolean:?"
     " valueInteger:# valueRange:Range valueRatio:Ratio valueSampledData:SampledData valueTime"
     " valueDateTime valuePeriod:Period dataAbsentReason:CodeableConcept interpretation:CodeableConcept*"
     " note:Annotation* bodySite:CodeableConcept method:CodeableConcept specimen:Reference"
     " device:Reference referenceRange:Observation_ReferenceRange* hasMember:Reference*"
     " derivedFrom:Reference* component:Observation_Component*"},
    {"Observation_Component",
     "code:CodeableConcept valueQuantity:Quantity valueCodeableConcept:CodeableConcept valueString"
     " valueBoolean:? valueInteger:# valueRange:Range valueRatio:Ratio valueSampledData:SampledData"
     " valueTime valueDateTime valuePeriod:Period dataAbsentReason:CodeableConcept"
     " interpretation:CodeableConcept* referenceRange:Observation_ReferenceRange*"},
    {"Observation_ReferenceRange",
     "low:Quantity high:Quantity type:CodeableConcept appliesTo:CodeableConcept* age:Range text"},
    {"Organization", "identifier:Identifier* active:? type:CodeableConcept* name alias* telecom:ContactPoint*"
                     " address:Address* partOf:Reference contact:Organization_Contact* endpoint:Reference*"},
    {"Organization_Contact", "purpose:CodeableConcept name:HumanName telecom:ContactPoint* address:Address"},
    {"Patient", "identifier:Identifier* active:? name:HumanName* telecom:ContactPoint* gender birthDate"
                " deceasedBoolean:? deceasedDateTime address:Address* maritalStatus:CodeableConcept"
                " multipleBirthBoolean:? multipleBirthInteger:# photo:Attachment* contact:Patient_Contact*"
                " communication:Patient_Communication* generalPractitioner:Reference*"
                " managingOrganization:Reference link:Patient_Link*"},
    {"Patient_Communication", "language:CodeableConcept preferred:?"},
    {"Patient_Contact",
     "relationship:CodeableConcept* name:HumanName telecom:ContactPoint* address:Address gender"
     " organization:Reference period:Period"},
    {"Patient_Link", "other:Reference type"},
    {"Practitioner",
     "identifier:Identifier* active:? name:HumanName* telecom:ContactPoint* address:Address* gender"
     " birthDate photo:Attachment* qualification:Practitioner_Qualification*"
     " communication:CodeableConcept*"},
    {"PractitionerRole",
     "identifier:Identifier* active:? period:Period practitioner:Reference organization:Reference"
     " code:CodeableConcept* specialty:CodeableConcept* location:Reference* healthcareService:Reference*"
     " telecom:ContactPoint* availableTime:PractitionerRole_AvailableTime*"
     " notAvailable:PractitionerRole_NotAvailable* availabilityExceptions endpoint:Reference*"},
    {"PractitionerRole_AvailableTime", "daysOfWeek* allDay:? availableStartTime availableEndTime"},
    {"PractitionerRole_NotAvailable", "description during:Period"},
    {"Practitioner_Qualification",
     "identifier:Identifier* code:CodeableConcept period:Period issuer:Reference"},
    {"Procedure",
     "identifier:Identifier* instantiatesCanonical* instantiatesUri* basedOn:Reference*"
     " partOf:Reference* status statusReason:CodeableConcept category:CodeableConcept"
     " code:CodeableConcept subject:Reference encounter:Reference performedDateTime"
     " performedPeriod:Period performedString performedAge:Age performedRange:Range recorder:Reference"
     " asserter:Reference performer:Procedure_Performer* location:Reference reasonCode:CodeableConcept*"
     " reasonReference:Reference* bodySite:CodeableConcept* outcome:CodeableConcept report:Reference*"
     " complication:CodeableConcept* complicationDetail:Reference* followUp:CodeableConcept*"
     " note:Annotation* focalDevice:Procedure_FocalDevice* usedReference:Reference*"
     " usedCode:CodeableConcept*"},
    {"Procedure_FocalDevice", "action:CodeableConcept manipulated:Reference"},
    {"Procedure_Performer", "function:CodeableConcept actor:Reference onBehalfOf:Reference"},
    {"Questionnaire",
     "url identifier:Identifier* version name title derivedFrom* status experimental:? subjectType* date"
     " publisher contact:ContactDetail* description useContext:UsageContext*"
     " jurisdiction:CodeableConcept* purpose copyright approvalDate lastReviewDate"
     " effectivePeriod:Period code:Coding* item:Questionnaire_Item*"},
    {"QuestionnaireResponse",
     "identifier:Identifier basedOn:Reference* partOf:Reference* questionnaire status subject:Reference"
     " encounter:Reference authored author:Reference source:Reference item:QuestionnaireResponse_Item*"},
    {"QuestionnaireResponse_Answer",
     "valueBoolean:? valueDecimal:# valueInteger:# valueDate valueDateTime valueTime valueString"
     " valueUri valueAttachment:Attachment valueCoding:Coding valueQuantity:Quantity"
     " valueReference:Reference item:QuestionnaireResponse_Item*"},
    {"QuestionnaireResponse_Item",
     "linkId definition text answer:QuestionnaireResponse_Answer* item:QuestionnaireResponse_Item*"},
    {"Questionnaire_AnswerOption",
     "valueInteger:# valueDate valueTime valueString valueCoding:Coding valueReference:Reference"
     " initialSelected:?"},
    {"Questionnaire_EnableWhen",
     "question operator answerBoolean:? answerDecimal:# answerInteger:# answerDate answerDateTime"
     " answerTime answerString answerCoding:Coding answerQuantity:Quantity answerReference:Reference"},
    {"Questionnaire_Initial",
     "valueBoolean:? valueDecimal:# valueInteger:# valueDate valueDateTime valueTime valueString"
     " valueUri valueAttachment:Attachment valueCoding:Coding valueQuantity:Quantity"
     " valueReference:Reference"},
    {"Questionnaire_Item",
     "linkId definition code:Coding* prefix text type enableWhen:Questionnaire_EnableWhen*"
     " enableBehavior required:? repeats:? readOnly:? maxLength:# answerValueSet"
     " answerOption:Questionnaire_AnswerOption* initial:Questionnaire_Initial* item:Questionnaire_Item*"},
    {"RelatedPerson",
     "identifier:Identifier* active:? patient:Reference relationship:CodeableConcept* name:HumanName*"
     " telecom:ContactPoint* gender birthDate address:Address* photo:Attachment* period:Period"
     " communication:RelatedPerson_Communication*"},
    {"RelatedPerson_Communication", "language:CodeableConcept preferred:?"},
    {"ServiceRequest",
     "identifier:Identifier* instantiatesCanonical* instantiatesUri* basedOn:Reference*"
     " replaces:Reference* requisition:Identifier status intent category:CodeableConcept* priority"
     " doNotPerform:? code:CodeableConcept orderDetail:CodeableConcept* quantityQuantity:Quantity"
     " quantityRatio:Ratio quantityRange:Range subject:Reference encounter:Reference occurrenceDateTime"
     " occurrencePeriod:Period occurrenceTiming:Timing asNeededBoolean:?"
     " asNeededCodeableConcept:CodeableConcept authoredOn requester:Reference"
     " performerType:CodeableConcept performer:Reference* locationCode:CodeableConcept*"
     " locationReference:Reference* reasonCode:CodeableConcept* reasonReference:Reference*"
     " insurance:Reference* supportingInfo:Reference* specimen:Reference* bodySite:CodeableConcept*"
     " note:Annotation* patientInstruction relevantHistory:Reference*"},
    {"Specimen",
     "identifier:Identifier* accessionIdentifier:Identifier status type:CodeableConcept"
     " subject:Reference receivedTime parent:Reference* request:Reference*"
     " collection:Specimen_Collection processing:Specimen_Processing* container:Specimen_Container*"
     " condition:CodeableConcept* note:Annotation*"},
    {"Specimen_Collection",
     "collector:Reference collectedDateTime collectedPeriod:Period duration:Duration quantity:Quantity"
     " method:CodeableConcept bodySite:CodeableConcept fastingStatusCodeableConcept:CodeableConcept"
     " fastingStatusDuration:Duration"},
    {"Specimen_Container",
     "identifier:Identifier* description type:CodeableConcept capacity:Quantity"
     " specimenQuantity:Quantity additiveCodeableConcept:CodeableConcept additiveReference:Reference"},
    {"Specimen_Processing",
     "description procedure:CodeableConcept additive:Reference* timeDateTime timePeriod:Period"},
};

} // namespace

std::span<const type_row> rows_of_resources() {
    return rows;
}

} // namespace auditgate::fhir
